import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Account, Role } from './accounts.ts';
import { DEFAULT_ACCOUNT, newAccount } from './accounts.ts';
import { BlobStore } from './blobs.ts';
import type { Bucket } from './bucket.ts';
import { createBucket, listBuckets, makeBucket } from './buckets.ts';
import type { Reply } from './call.ts';
import { noSuchBucket } from './call.ts';
import { S3Error } from './errors.ts';
import { operationFor } from './operations.ts';
import { Payload } from './payload.ts';
import { Replicator } from './replication.ts';
import type { S3Request } from './request.ts';
import { readRequest } from './request.ts';
import type { Caller } from './signature.ts';
import { authenticate } from './signature.ts';
import type { State } from './state.ts';
import { answerSts, asksSts } from './sts.ts';
import { Silence } from '../ground/silence.ts';
import { Throttle } from './throttle.ts';
import { element, serialise } from './xml.ts';

const REPLICATION_DELAY_MS = 1000;
const RESTORE_MS = 3000;
const SESSION_MS = 3_600_000;

export interface S3Options {
  /** Where the bytes of objects go. */
  readonly folder: string;
  /** Who may sign requests; one account of its own unless given. */
  readonly accounts?: readonly [Account, ...Account[]];
  readonly replicationDelayMs?: number;
  readonly restoreMs?: number;
  /** The roles that may be assumed, by their ARN. */
  readonly roles?: Readonly<Record<string, Role>>;
  readonly webIdentityToken?: string;
  readonly sessionMs?: number;
  /** Told of what should not have happened. */
  readonly log?: (line: string) => void;
}

/**
 * S3 on a loopback port: the protocol as AWS speaks it, over objects on this machine's disk. One port
 * serves all regions: a request «went to» the region that it is signed for.
 */
export class S3Service {
  readonly url: string;
  readonly state: State;
  readonly throttle = new Throttle();
  readonly #server: ReturnType<typeof createServer>;
  readonly #silence = new Silence();
  #requests = 0;
  #writes = 0;

  private constructor(server: ReturnType<typeof createServer>, state: State) {
    this.#server = server;
    this.state = state;
    this.url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  }

  static async start(options: S3Options): Promise<S3Service> {
    const { folder, accounts = [DEFAULT_ACCOUNT], log = () => undefined } = options;
    const blobs = await BlobStore.open(folder);
    const buckets = new Map<string, Bucket>();
    const replicator = new Replicator(buckets, blobs, options.replicationDelayMs ?? REPLICATION_DELAY_MS);
    const state: State = {
      accounts: [...accounts],
      roles: new Map(Object.entries(options.roles ?? {})),
      webIdentityToken: options.webIdentityToken,
      sessionMs: options.sessionMs ?? SESSION_MS,
      buckets,
      blobs,
      replicator,
      restoreMs: options.restoreMs ?? RESTORE_MS,
    };
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    const service = new S3Service(server, state);
    server.on('request', (incoming, response) => {
      if (service.#silence.lasts) service.#silence.hold(response);
      else service.#respond(incoming, response, log).catch(() => response.destroy());
    });
    return service;
  }

  /** The account that owns the buckets made by `createBucket`, with the key that it has now. */
  get account(): Account {
    return this.state.accounts[0];
  }

  /** Its key is refused from now on, as one is that its owner has deleted. */
  revokeKey(): void {
    this.state.accounts[0] = { ...this.account, revoked: true };
  }

  /** Gives the account another key: the one before is refused from now on. */
  issueKey(): void {
    this.state.accounts[0] = { ...newAccount(), id: this.account.id };
  }

  get buckets(): ReadonlyMap<string, Bucket> {
    return this.state.buckets;
  }

  /** How many requests have come in, whatever was answered. */
  get requests(): number {
    return this.#requests;
  }

  /** Those of them that were to change something. */
  get writes(): number {
    return this.#writes;
  }

  createBucket(name: string, region: string): Bucket {
    return makeBucket(this.state, name, region, this.account.id);
  }

  /** From now on requests come in and nobody answers; undefined: as before. */
  hang(millis: number | undefined): void {
    this.#silence.begin(millis);
  }

  /** Frees the port and cuts the connections that are still open; the files stay. */
  async close(): Promise<void> {
    this.#silence.begin(undefined);
    await this.state.replicator.stop();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #respond(
    incoming: IncomingMessage,
    response: ServerResponse,
    log: (line: string) => void,
  ): Promise<void> {
    this.#requests += 1;
    const requestId = randomBytes(8).toString('hex').toUpperCase();
    const hostId = randomBytes(32).toString('base64');
    const reply = await this.#answer(incoming).catch((error: unknown) => {
      if (!(error instanceof S3Error))
        log(`S3: ${error instanceof Error ? (error.stack ?? '') : String(error)}`);
      return errorReply(error, incoming.url ?? '', requestId, hostId);
    });
    const identified = {
      'x-amz-request-id': requestId,
      'x-amz-id-2': hostId,
      server: 'AmazonS3',
      ...reply.headers,
    };
    await send(response, { ...reply, headers: identified }, incoming.method === 'HEAD', this.state.blobs);
  }

  async #answer(incoming: IncomingMessage): Promise<Reply> {
    const request = readRequest(incoming);
    if (!this.throttle.admits()) throw new S3Error('SlowDown');
    if (asksSts(request)) return answerSts(request, this.state);
    if (request.method !== 'GET' && request.method !== 'HEAD') this.#writes += 1;
    const caller = await authenticate(request, this.state.accounts, new Date());
    const payload = new Payload(request, caller);
    const { state } = this;
    if (request.bucket === undefined) return listBuckets({ state, caller });
    if (makesBucket(request)) return await createBucket({ state, caller, request, payload, key: '' });
    const operation = operationFor(request);
    const bucket = this.#bucketFor(request, caller);
    return await operation({ state, request, caller, payload, bucket, key: request.key ?? '' });
  }

  /** The bucket, when the caller may use it and asked for it at the right place. */
  #bucketFor(request: S3Request, caller: Caller): Bucket {
    const bucket = this.state.buckets.get(request.bucket ?? '');
    if (bucket === undefined) throw noSuchBucket(request.bucket ?? '');
    // Where a bucket is may be asked of every region.
    if (bucket.region !== caller.region && !request.query.has('location')) {
      throw new S3Error('PermanentRedirect', {
        headers: { 'x-amz-bucket-region': bucket.region },
        details: { Bucket: bucket.name, Endpoint: `${bucket.name}.s3.${bucket.region}.amazonaws.com` },
      });
    }
    const expected = request.headers['x-amz-expected-bucket-owner'] ?? bucket.owner;
    if (bucket.owner !== caller.account.id || bucket.owner !== expected) throw new S3Error('AccessDenied');
    return bucket;
  }
}

/** The one operation on a bucket that is not there. Some clients name it in a parameter `x-id`. */
const makesBucket = ({ method, key, query }: S3Request): boolean =>
  method === 'PUT' && key === undefined && [...query.keys()].every((name) => name === 'x-id');

function errorReply(error: unknown, resource: string, requestId: string, hostId: string): Reply {
  const { code, message, status, headers, details } =
    error instanceof S3Error ? error : new S3Error('InternalError');
  return {
    status,
    headers,
    body: element('Error', [
      element('Code', code),
      element('Message', message),
      ...Object.entries(details).map(([name, value]) => element(name, value)),
      element('Resource', resource.replace(/\?.*$/s, '')),
      element('RequestId', requestId),
      element('HostId', hostId),
    ]),
  };
}

async function send(
  response: ServerResponse,
  reply: Reply,
  headOnly: boolean,
  blobs: BlobStore,
): Promise<void> {
  const { status, headers, body } = reply;
  if (body === undefined || headOnly) {
    response.writeHead(status, headers).end();
    return;
  }
  if (typeof body === 'object' && 'blob' in body) {
    response.writeHead(status, headers);
    await pipeline(
      Readable.from(blobs.read(body.blob, body.start, body.end), { objectMode: false }),
      response,
    );
    return;
  }
  const [text, type] =
    typeof body === 'string' ? [body, 'application/json'] : [serialise(body), 'application/xml'];
  response.writeHead(status, {
    ...headers,
    'content-type': type,
    'content-length': String(Buffer.byteLength(text)),
  });
  response.end(text);
}
