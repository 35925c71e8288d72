import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import type { Server, TLSSocket } from 'node:tls';
import { createServer } from 'node:tls';
import type { JsonObject } from '../../../base/json.ts';
import type { Authority, Certificate } from '../../ground/authority.ts';
import { asText } from '../../ground/text.ts';
import type { BreakableCertificate } from '../breakable.ts';
import type { Part, PartContext, StartPart } from '../part.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** As long as certificates that are renewed by themselves are good nowadays. */
const LIFE_MS = 90 * DAY_MS;

/** The door of a part to those who come by TLS: a proxy that holds the certificate, as in front of most applications. */
class TlsPart implements Part, BreakableCertificate {
  readonly #authority: Authority;
  readonly #server: Server;
  readonly #open = new Set<TLSSocket>();
  #certificate: Certificate;

  private constructor(authority: Authority, certificate: Certificate, to: URL) {
    this.#authority = authority;
    this.#certificate = certificate;
    this.#server = createServer({ cert: certificate.cert, key: certificate.key, noDelay: true }, (outside) =>
      this.#receive(outside, to),
    );
  }

  static async start(args: JsonObject, context: PartContext): Promise<TlsPart> {
    const authority = await context.authority();
    const to = new URL(asText(args['to']) ?? '');
    const part = new TlsPart(authority, await authority.issue(goodFrom(Date.now())), to);
    context.onClose(() => part.#close());
    await part.#listen();
    return part;
  }

  get members(): Part['members'] {
    const { port } = this.#server.address() as AddressInfo;
    return {
      url: { value: `https://127.0.0.1:${String(port)}` },
      port: { value: port },
      ca: { value: this.#authority.pem },
      caFile: { value: this.#authority.file },
    };
  }

  get actions(): Part['actions'] {
    return {
      'renew-certificate': async () => {
        this.#show(await this.#authority.issue(goodFrom(Date.now())));
        return this.state();
      },
    };
  }

  get certificate(): BreakableCertificate {
    return this;
  }

  async expire(at: Date): Promise<void> {
    this.#show(await this.#authority.issue({ from: new Date(at.getTime() - LIFE_MS), until: at }));
  }

  state(): JsonObject {
    const { from, until } = this.#certificate;
    return { running: true, certificate: { from: from.toISOString(), until: until.toISOString() } };
  }

  trouble(): Promise<string | undefined> {
    const { until } = this.#certificate;
    return Promise.resolve(
      until.getTime() < Date.now() ? `its certificate ran out at ${until.toISOString()}` : undefined,
    );
  }

  async #listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', resolve);
    });
  }

  /** To whoever comes from now on. Who is connected has to come again, as when a server is started anew. */
  #show(certificate: Certificate): void {
    this.#certificate = certificate;
    this.#server.setSecureContext({ cert: certificate.cert, key: certificate.key });
    for (const outside of this.#open) outside.destroy();
  }

  #receive(outside: TLSSocket, { hostname, port }: URL): void {
    this.#open.add(outside);
    const inside = connect({ host: hostname, port: Number(port), noDelay: true });
    endTogether(outside, inside);
    outside.once('close', () => this.#open.delete(outside));
    outside.pipe(inside);
    inside.pipe(outside);
  }

  async #close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      for (const outside of this.#open) outside.destroy();
    });
  }
}

const goodFrom = (now: number): Pick<Certificate, 'from' | 'until'> => ({
  // Clocks differ, and one of them may have been set.
  from: new Date(now - DAY_MS),
  until: new Date(now + LIFE_MS),
});

function endTogether(outside: Socket, inside: Socket): void {
  for (const socket of [outside, inside]) socket.on('error', () => undefined);
  outside.once('close', () => inside.destroy());
  inside.once('close', () => outside.destroySoon());
}

/** Starts a part of the kind `tls`. */
export const startTls: StartPart = (args, context) => TlsPart.start(args, context);
