import type { AddressInfo } from 'node:net';
import type { SMTPServerOptions } from 'smtp-server';
import { SMTPServer } from 'smtp-server';

export interface MailRig {
  readonly port: number;
  readonly received: readonly {
    readonly from: string;
    readonly to: readonly string[];
    readonly user: string | undefined;
    /** The connection was encrypted. */
    readonly secure: boolean;
    readonly message: string;
  }[];
  close(): Promise<void>;
}

/** A real mail server on a free loopback port. It knows one user, and takes no mail for `nobody@…`. */
export async function serveMail(options: SMTPServerOptions): Promise<MailRig> {
  const received: MailRig['received'][number][] = [];
  const server = new SMTPServer({
    ...options,
    onAuth({ username, password }, _session, callback) {
      if (username === 'drillbook' && password === 'mail-password') callback(null, { user: username });
      else callback(Object.assign(new Error('Invalid username or password'), { responseCode: 535 }));
    },
    onRcptTo({ address }, _session, callback) {
      callback(address.startsWith('nobody@') ? new Error('no such mailbox') : null);
    },
    onData(stream, session, callback) {
      let message = '';
      stream.setEncoding('utf8');
      stream.on('data', (chunk: string) => (message += chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          user: session.user as string | undefined,
          secure: session.secure,
          message,
        });
        callback(null);
      });
    },
  });
  // A client that gives up in the middle is what some tests are about.
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.server.address() as AddressInfo).port,
    received,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
