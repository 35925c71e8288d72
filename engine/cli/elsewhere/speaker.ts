import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { JsonObject } from '../../base/json.ts';
import { publicKeyOf, sign } from '../../base/ed25519.ts';
import type { Store } from '../../journal/store.ts';
import type { Environment } from '../../model/environment.ts';
import type { Event, RunStarted } from '../../model/event.ts';
import type { Said } from '../../model/message.ts';
import { messageJson, statementOf } from '../../model/message.ts';
import { personIn } from '../../model/people.ts';
import { CommandError, EXIT } from '../exit.ts';
import { operatorIn } from '../run/identity.ts';
import { environmentOf } from '../run/world.ts';

export interface SpeakerOptions {
  readonly operator?: string;
  readonly key?: string;
}

/** Somebody who speaks to a run from elsewhere. */
export interface Speaker {
  /** As the journal names them. */
  readonly name: string;
  /** Leaves a message; gives its id, by which the journal says what became of it. */
  say(said: Said): Promise<string>;
}

/** Who speaks, as the environment of the run lists people, and with the key that it has of them. */
export async function speakerTo(
  store: Store,
  started: RunStarted,
  events: readonly Event[],
  options: SpeakerOptions,
): Promise<Speaker> {
  const environment = await environmentOfRun(started, events);
  const name = operatorIn(environment, options.operator);
  const known = environment === undefined ? undefined : personIn(environment.data, name);
  const keys = known === undefined || known === 'anybody' ? [] : known.keys;
  const secret = keys.length === 0 ? undefined : await secretOf(name, keys, options.key);
  return {
    name,
    say: async (said) => {
      const id = randomUUID();
      await store.inbox(started.run).put(id, messageOf(said, secret));
      return id;
    },
  };
}

/** The environment that the run itself goes by; that of a sandbox is in its journal once it is there. */
async function environmentOfRun(
  { sources }: RunStarted,
  events: readonly Event[],
): Promise<Environment | undefined> {
  const world = events.findLast((event) => event.type === 'world.started');
  const recorded = world?.environment ?? sources.find(({ role }) => role === 'environment');
  if (recorded === undefined) return undefined;
  return environmentOf(
    recorded,
    sources.filter(({ role }) => role === 'source'),
  );
}

async function secretOf(name: string, keys: readonly string[], given: string | undefined): Promise<string> {
  const path = given ?? process.env['DRILLBOOK_KEY'];
  if (path === undefined)
    throw new CommandError(`the environment has a key of ${name}, and nothing here says where its file is`, {
      exitCode: EXIT.invalid,
      hint: 'Name it: --key FILE, or DRILLBOOK_KEY. Nothing was changed.',
    });
  const secret = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new CommandError(`the key cannot be read: ${(error as Error).message}`, { exitCode: EXIT.invalid });
  });
  const publicKey = publicKeyOf(secret);
  if (publicKey !== undefined && keys.includes(publicKey)) return secret;
  throw new CommandError(
    publicKey === undefined
      ? `${path} holds no Ed25519 key (PEM, PKCS#8)`
      : `the key in ${path} is none that the environment has of ${name}`,
    {
      exitCode: EXIT.invalid,
      hint:
        publicKey === undefined
          ? 'drillbook key FILE makes one.'
          : `Its public half is ${publicKey}. The environment as it was when the run began counts.`,
    },
  );
}

function messageOf(said: Said, secret: string | undefined): JsonObject {
  const proof =
    secret === undefined
      ? undefined
      : { kind: 'ed25519', key: publicKeyOf(secret), signature: sign(statementOf(said), secret) };
  return messageJson({ ...said, proof });
}
