import type { SMTPServer } from 'smtp-server';
import type { JsonObject } from '../../../base/json.ts';
import type { Part, PartContext, StartPart } from '../part.ts';

/** So many mails are told at the desk, the newest last. */
const TOLD = 20;

/** A mail server that takes every mail and delivers none. */
class SmtpPart implements Part {
  readonly #port: number;
  readonly #mails: JsonObject[] = [];
  #received = 0;
  #server: SMTPServer | undefined;

  private constructor(port: number) {
    this.#port = port;
  }

  static async start(context: PartContext): Promise<SmtpPart> {
    const part = new SmtpPart(context.port);
    context.onClose(() => part.#end());
    await part.#begin();
    return part;
  }

  get members(): Part['members'] {
    const port = this.#port;
    return {
      url: { value: `smtp://127.0.0.1:${String(port)}` },
      host: { value: '127.0.0.1' },
      port: { value: port },
    };
  }

  get actions(): Part['actions'] {
    return {
      start: async () => {
        await this.#begin();
        return this.state();
      },
      stop: async () => {
        await this.#end();
        return this.state();
      },
    };
  }

  state(): JsonObject {
    return { running: this.#server !== undefined, received: this.#received, last: [...this.#mails] };
  }

  trouble(): Promise<string | undefined> {
    return Promise.resolve(this.#server === undefined ? 'it is stopped' : undefined);
  }

  async #begin(): Promise<void> {
    if (this.#server !== undefined) return;
    const { SMTPServer: Server } = await import('smtp-server');
    const server = new Server({
      ...{ authOptional: true, disabledCommands: ['STARTTLS'], allowInsecureAuth: true },
      // Whoever logs in is let in: there is nothing behind it.
      onAuth: ({ username }, _session, callback) => callback(null, { user: username }),
      onData: (stream, session, callback) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const { mailFrom, rcptTo } = session.envelope;
          this.#keep(
            mailFrom === false ? '' : mailFrom.address,
            rcptTo.map(({ address }) => address),
            Buffer.concat(chunks).toString('utf8'),
          );
          callback(null);
        });
      },
    });
    // A client that goes away in the middle is no matter of the world's.
    server.on('error', () => undefined);
    await new Promise<void>((resolve, reject) => {
      server.server.once('error', reject);
      server.listen(this.#port, '127.0.0.1', resolve);
    });
    this.#server = server;
  }

  async #end(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server !== undefined) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  #keep(from: string, to: readonly string[], message: string): void {
    this.#received += 1;
    const subject = /^subject: (.*(?:\r?\n[ \t].*)*)/im.exec(message)?.[1]?.replaceAll(/\r?\n[ \t]+/g, ' ');
    this.#mails.push({ from, to, message, ...(subject !== undefined && { subject }) });
    if (this.#mails.length > TOLD) this.#mails.shift();
  }
}

/** Starts a part of the kind `smtp`. */
export const startSmtp: StartPart = (_, context) => SmtpPart.start(context);
