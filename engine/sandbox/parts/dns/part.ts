import { createServer } from 'node:http';
import type { Json, JsonObject } from '../../../base/json.ts';
import { secretFile } from '../../ground/folder.ts';
import { onFreePort } from '../../ground/http.ts';
import { passOn } from '../../ground/pass-on.ts';
import type { DnsProvider } from '../../outside/dns.ts';
import { Dns } from '../../outside/dns.ts';
import type { PublicName, Site } from '../../outside/public-name.ts';
import { RecordApi } from '../../outside/record-api.ts';
import { newAccount } from '../../s3/accounts.ts';
import type { KeepableProgram } from '../keepable.ts';
import type { Part, PartContext, PartMember, StartPart } from '../part.ts';
import { publicNameOf } from './sites.ts';

/** The name that users know: its record, whoever keeps that, and the address at which they follow it. */
class DnsPart implements Part {
  readonly members: Part['members'];
  readonly actions = {};
  readonly #name: PublicName;
  readonly #programs: ReadonlyMap<Site, KeepableProgram>;

  private constructor(
    name: PublicName,
    programs: ReadonlyMap<Site, KeepableProgram>,
    members: Part['members'],
  ) {
    this.#name = name;
    this.#programs = programs;
    this.members = members;
  }

  static async start(args: JsonObject, context: PartContext): Promise<DnsPart> {
    const { id, worldFolder, onClose } = context;
    const { name, programs } = publicNameOf(args, context);
    const account = newAccount();
    const provider = providerOf(args['provider']);
    const dns = await Dns.open(name, { provider, accounts: [account], onClose });
    const front = await onFreePort(
      createServer((incoming, outgoing) => passOn(incoming, outgoing, name.site.url)),
    );
    onClose(() => front.close());
    const record = await RecordApi.open(name);
    onClose(() => record.close());
    // What the provider is asked with: the section names its files, and nothing else asks for it.
    const { accessKeyId, secretAccessKey } = account;
    const keys = secrets(dns.token === undefined ? { accessKeyId, secretAccessKey } : { token: dns.token });
    const files = Object.fromEntries(
      Object.keys(keys).map((member) => [member, { file: secretFile(worldFolder, id, member) }]),
    );
    const section = dns.section(dns.token === undefined ? { credentials: files } : files);
    return new DnsPart(name, programs, {
      ...{ url: { value: front.url }, dns: { value: section }, recordUrl: { value: record.url } },
      ...secrets({ webhook: dns.webhook, recordToken: record.token }),
      ...keys,
    });
  }

  leadsTo(): KeepableProgram | undefined {
    return this.#programs.get(this.#name.site);
  }

  state(): JsonObject {
    return { running: true, leadsTo: this.#name.site.url };
  }

  trouble(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
}

const secrets = (texts: Readonly<Record<string, string>>): Readonly<Record<string, PartMember>> =>
  Object.fromEntries(Object.entries(texts).map(([name, value]) => [name, { value, secret: true }]));

const providerOf = (json: Json | undefined): DnsProvider =>
  json === 'cloudflare' || json === 'route53' ? json : 'byHand';

/** Starts a part of the kind `dns`. */
export const startDns: StartPart = (args, context) => DnsPart.start(args, context);
