import { Socket } from 'node:net';
import type { Client } from 'pg';
import { StepError } from '../../../model/kind.ts';
import { parseAddress, placeOf } from './address.ts';
import { connect } from './connection.ts';
import { statementError } from './errors.ts';

type Param = string | number | boolean | Buffer | null | readonly (string | number | Buffer)[];
type Row = Readonly<Record<string, unknown>>;

/** A connection for statements of drillbook's own. What goes wrong is a `StepError`. */
export interface PlainConnection {
  query(text: string, values: readonly Param[]): Promise<readonly Row[]>;
  script(text: string): Promise<void>;
  listen(channel: string, told: () => void): Promise<void>;
  destroy(): void;
  close(): Promise<void>;
}

export interface PlainDatabase {
  readonly place: string;
  readonly host: string;
  /** Undefined where the address has none: then PGPASSWORD and the password file are looked at. */
  readonly password: string | undefined;
  connect(): Promise<PlainConnection>;
}

/** A database by its address, as psql would reach it. Throws `StepError` for an address that is none. */
export function plainDatabase(url: string): PlainDatabase {
  const address = parseAddress(url);
  return {
    place: placeOf(address),
    host: address.host,
    password: address.password,
    connect: async () => {
      return plain(await connect(address, new AbortController().signal, 'passwordOfShell'));
    },
  };
}

/** It keeps no process alive but while something is asked. */
function plain(client: Client): PlainConnection {
  const { stream } = client.connection;
  let asked = 0;
  const hold = (isHeld: boolean): void => {
    if (!(stream instanceof Socket)) return;
    if (isHeld) stream.ref();
    else stream.unref();
  };
  hold(false);
  const asking = async <T>(text: string, ask: () => Promise<T>): Promise<T> => {
    asked += 1;
    hold(true);
    try {
      return await ask();
    } catch (error) {
      throw error instanceof StepError ? error : statementError(error, text, true);
    } finally {
      asked -= 1;
      if (asked === 0) hold(false);
    }
  };
  return {
    query: (text, values) =>
      asking(text, async () => (await client.query<Row>(text, values as unknown[])).rows),
    script: async (text) => {
      await asking(text, () => client.query(text));
    },
    listen: async (channel, told) => {
      client.on('notification', told);
      await asking('listen', () => client.query(`listen ${channel}`));
    },
    destroy: () => {
      stream.destroy(new Error('given up'));
    },
    close: () => {
      hold(true);
      return client.end();
    },
  };
}
