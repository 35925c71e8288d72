import { randomBytes } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf } from '../ground/text.ts';
import type { Account } from '../s3/accounts.ts';
import { S3Error } from '../s3/errors.ts';
import { readRequest } from '../s3/request.ts';
import { authenticate, sha256 } from '../s3/signature.ts';
import type { Element } from '../s3/xml.ts';
import { childOf, childText, childrenOf, element, parse, serialise } from '../s3/xml.ts';

const NAMESPACE = 'https://route53.amazonaws.com/doc/2013-04-01/';
const VERSION = '2013-04-01';
/** All requests are signed for this region, whichever the caller is in. */
const REGION = 'us-east-1';
const SYNC_MS = 300;

/** All that a name answers to one type of question. */
export interface RecordSet {
  /** With the dot at its end. */
  readonly name: string;
  readonly type: string;
  readonly ttl: number;
  readonly values: readonly string[];
}

interface Route53Options {
  /** Who may sign requests. */
  readonly accounts: readonly Account[];
  /** Told of each record that is made or changed, before it is; refuses it by throwing. */
  readonly changed?: (set: RecordSet) => void;
  /** How long the name servers take to hear of a change. */
  readonly syncMs?: number;
}

/**
 * One hosted zone at Route 53, with its API as documented: XML, signatures, changes that are made as a whole or not at
 * all (https://docs.aws.amazon.com/Route53/latest/APIReference/).
 */
export class Route53Zone {
  readonly id = `Z${randomBytes(9).toString('hex').toUpperCase()}`;
  readonly #server: Server;
  readonly #options: Route53Options;
  readonly #sets = new Map<string, RecordSet>();
  /** When each change is known to all name servers: milliseconds since the epoch. */
  readonly #changes = new Map<string, number>();

  private constructor(server: Server, options: Route53Options) {
    this.#server = server;
    this.#options = options;
  }

  static async start(options: Route53Options): Promise<Route53Zone> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    const zone = new Route53Zone(server, options);
    server.on('request', (incoming, response) => {
      void zone.#answer(incoming).then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'text/xml' }).end(serialise(body));
      });
    });
    return zone;
  }

  /** The base of its API. */
  get url(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  /** In the order of Route 53: by name, then by type. */
  get sets(): readonly RecordSet[] {
    return [...this.#sets.entries()].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, set]) => set);
  }

  /** How many changes it has taken. */
  get changes(): number {
    return this.#changes.size;
  }

  add(set: RecordSet): void {
    this.#sets.set(keyOf(set), set);
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #answer(incoming: IncomingMessage): Promise<Answer> {
    try {
      const request = readRequest(incoming);
      const body = await textOf(request.body);
      // As all services but S3, it takes the digest of the body from the body.
      const headers = { ...request.headers, 'x-amz-content-sha256': sha256(body) };
      const { region, service } = await authenticate(
        { ...request, headers },
        this.#options.accounts,
        new Date(),
      );
      if (region !== REGION || service !== 'route53') throw new S3Error('SignatureDoesNotMatch');
      return { status: 200, body: this.#result(request.method, request.canonicalPath, request.query, body) };
    } catch (error) {
      if (error instanceof InvalidChangeBatch) return invalidBatch(error.message);
      if (error instanceof Refused || error instanceof S3Error) return refusal(error);
      return refusal({ status: 500, code: 'InternalError', message: messageOf(error) });
    }
  }

  #result(method: string, path: string, query: ReadonlyMap<string, string>, body: string): Element {
    const [, version, what, id = '', under] = path.split('/');
    if (version !== VERSION) throw new Refused(404, 'NotFound', `there is no version ${String(version)}`);
    if (what === 'change' && method === 'GET') return answer('GetChange', this.#info(id));
    if (what !== 'hostedzone' || under !== 'rrset') throw new Refused(404, 'NotFound', `there is no ${path}`);
    if (id !== this.id) throw new Refused(404, 'NoSuchHostedZone', `No hosted zone found with ID: ${id}`);
    if (method === 'GET') return this.#list(query.get('name') ?? '', Number(query.get('maxitems') ?? 300));
    return answer('ChangeResourceRecordSets', this.#change(body));
  }

  #list(from: string, most: number): Element {
    const found = this.sets.filter(({ name }) => name >= from);
    return element(
      'ListResourceRecordSetsResponse',
      [
        element('ResourceRecordSets', found.slice(0, most).map(described)),
        element('IsTruncated', found.length > most),
        element('MaxItems', most),
      ],
      { xmlns: NAMESPACE },
    );
  }

  #change(body: string): Element {
    const root = parse(body, 'ChangeResourceRecordSetsRequest');
    const batch = childOf(root, 'ChangeBatch');
    const changes = batch === undefined ? undefined : childOf(batch, 'Changes');
    const after = new Map(this.#sets);
    const written = (changes === undefined ? [] : childrenOf(changes, 'Change')).flatMap((change) => {
      const set = readSet(childOf(change, 'ResourceRecordSet'));
      if (childText(change, 'Action') !== 'DELETE') {
        after.set(keyOf(set), set);
        return [set];
      }
      if (!isSame(after.get(keyOf(set)), set)) throw new InvalidChangeBatch(notFound(set));
      after.delete(keyOf(set));
      return [];
    });
    for (const { name } of written) expectOneAlias([...after.values()].filter((set) => set.name === name));
    for (const set of written) this.#tell(set);
    this.#sets.clear();
    for (const [key, set] of after) this.#sets.set(key, set);
    const id = `C${randomBytes(9).toString('hex').toUpperCase()}`;
    this.#changes.set(id, Date.now() + (this.#options.syncMs ?? SYNC_MS));
    return this.#info(id);
  }

  #tell(set: RecordSet): void {
    try {
      this.#options.changed?.(set);
    } catch (error) {
      throw new InvalidChangeBatch(messageOf(error));
    }
  }

  #info(id: string): Element {
    const syncedAt = this.#changes.get(id);
    if (syncedAt === undefined) throw new Refused(404, 'NoSuchChange', `there is no change ${id}`);
    return element('ChangeInfo', [
      element('Id', `/change/${id}`),
      element('Status', Date.now() < syncedAt ? 'PENDING' : 'INSYNC'),
      element('SubmittedAt', new Date(syncedAt - (this.#options.syncMs ?? SYNC_MS))),
    ]);
  }
}

interface Answer {
  readonly status: number;
  readonly body: Element;
}

class Refused extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** It has a form of its own. */
class InvalidChangeBatch extends Error {}

const keyOf = ({ name, type }: RecordSet): string => `${name} ${type}`;

const isSame = (left: RecordSet | undefined, right: RecordSet): boolean =>
  left?.ttl === right.ttl && left.values.toSorted().join('\n') === right.values.toSorted().join('\n');

const notFound = ({ name, type }: RecordSet): string =>
  `Tried to delete resource record set [name='${name}', type='${type}'] but it was not found`;

/** A name that has a CNAME has nothing else. */
function expectOneAlias(ofName: readonly RecordSet[]): void {
  const alias = ofName.find(({ type }) => type === 'CNAME');
  if (alias === undefined || ofName.length === 1) return;
  throw new InvalidChangeBatch(
    `RRSet of type CNAME with DNS name ${alias.name} is not permitted as it conflicts with other records with the same DNS name`,
  );
}

function readSet(set: Element | undefined): RecordSet {
  if (set === undefined) throw new S3Error('MalformedXML');
  const records = childOf(set, 'ResourceRecords');
  return {
    name: childText(set, 'Name') ?? '',
    type: childText(set, 'Type') ?? '',
    ttl: Number(childText(set, 'TTL')),
    values: (records === undefined ? [] : childrenOf(records, 'ResourceRecord')).map(
      (record) => childText(record, 'Value') ?? '',
    ),
  };
}

const described = ({ name, type, ttl, values }: RecordSet): Element =>
  element('ResourceRecordSet', [
    element('Name', name),
    element('Type', type),
    element('TTL', ttl),
    element(
      'ResourceRecords',
      values.map((value) => element('ResourceRecord', [element('Value', value)])),
    ),
  ]);

const answer = (action: string, content: Element): Element =>
  element(`${action}Response`, [content], { xmlns: NAMESPACE });

const refusal = ({ status, code, message }: Pick<Refused, 'status' | 'code' | 'message'>): Answer => ({
  status,
  body: element(
    'ErrorResponse',
    [element('Error', [element('Type', 'Sender'), element('Code', code), element('Message', message)])],
    { xmlns: NAMESPACE },
  ),
});

const invalidBatch = (message: string): Answer => ({
  status: 400,
  body: element('InvalidChangeBatch', [element('Messages', [element('Message', message)])], {
    xmlns: NAMESPACE,
  }),
});

async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
