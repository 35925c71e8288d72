import { randomUUID } from 'node:crypto';
import type { Json } from '../../base/json.ts';
import type { Reply, Request } from '../ground/http.ts';
import { hasBearer } from '../ground/http.ts';
import type { Call } from './call.ts';
import { Refusal } from './call.ts';
import { CALLS } from './calls.ts';
import type { Contract, Operation } from './contract.ts';
import type { FailureRule } from './failures.ts';
import { Failures } from './failures.ts';
import { RateLimiter } from './limits.ts';
import { asText } from '../ground/text.ts';
import { statusSummary } from './status-page.ts';
import type { Workspace } from './workspace.ts';

const STATUS_PAGE = '/status';
const API = '/v1';
const EXPORTS = '/exports/';

/** How many requests came in, so that a test can see that a refused drill wrote nothing. */
export interface RequestCounts {
  readonly reads: number;
  /** Every method but GET, whatever was answered. */
  readonly writes: number;
}

/**
 * Render's API over a workspace. Every request and every answer is held against
 * `render-api.json`: a request that is not valid is a 400, an answer that is not is a defect
 * of the sandbox, and a 500 that says so.
 */
export class RenderApi {
  readonly #workspace: Workspace;
  readonly #contract: Contract;
  readonly #limiter: RateLimiter;
  readonly #failures = new Failures();
  #counts = { reads: 0, writes: 0 };

  constructor(workspace: Workspace, contract: Contract) {
    this.#workspace = workspace;
    this.#contract = contract;
    this.#limiter = new RateLimiter(workspace.limits);
  }

  get counts(): RequestCounts {
    return { ...this.#counts };
  }

  /** From now on some calls are answered with a failure. */
  fail(rule: FailureRule): void {
    this.#failures.add(rule);
  }

  async answer(request: Request): Promise<Reply> {
    if (request.path === `${STATUS_PAGE}/api/v2/summary.json`) {
      const { news } = this.#workspace.outage;
      return { status: 200, body: statusSummary('https://status.render.com', new Date(), news) };
    }
    if (request.path.startsWith(EXPORTS)) return this.#download(request);
    this.#counts[request.method === 'GET' ? 'reads' : 'writes'] += 1;
    if (!hasBearer(request, this.#workspace.key)) return failure(401, 'unauthorized');
    const path = request.path.startsWith(`${API}/`) ? request.path.slice(API.length) : '';
    const operation = this.#contract.find(request.method, path);
    if (operation === undefined) return failure(404, 'not found');
    const failed = this.#failures.meet(request.method, operation.id);
    if (failed !== undefined) return asOrdered(failed);
    const allowance = this.#limiter.take(operation.rateLimit, operation.path['serviceId']);
    const reply = allowance.allowed
      ? await this.#checked(operation, request)
      : failure(429, 'too many requests');
    return { ...reply, headers: { ...allowance.headers, ...reply.headers } };
  }

  async #checked(operation: Operation, request: Request): Promise<Reply> {
    const { query, problems } = operation.readRequest(request.query, request.body);
    if (problems.length > 0) return failure(400, problems.join('; '));
    const reply = await this.#perform(operation, query, request);
    const wrong = operation.checkResponse(reply.status, reply.body);
    if (wrong.length === 0) return reply;
    return failure(500, `the sandbox answered ${operation.id} wrongly: ${wrong.join('; ')}`);
  }

  /** Without the key: the address is the credential. */
  #download(request: Request): Reply {
    const token = request.query.get('token');
    const exports = [...this.#workspace.databases.values()].flatMap((database) => database.exports.all);
    const found = exports.find((made) => made.token === token);
    if (found?.file === undefined) return failure(403, 'the link is not valid');
    return { status: 200, file: found.file };
  }

  async #perform(operation: Operation, query: Call['query'], request: Request): Promise<Reply> {
    const perform = CALLS[operation.id];
    if (perform === undefined) return failure(503, `the sandbox does not offer ${operation.id}`);
    const { body: json, headers } = request;
    const body: Json = typeof json === 'object' && json !== null ? json : {};
    const call: Call = {
      workspace: this.#workspace,
      path: operation.path,
      query,
      body,
      ownUrl: `http://${asText(headers['host']) ?? ''}`,
    };
    try {
      return await perform(call);
    } catch (error) {
      if (error instanceof Refusal) return failure(error.status, error.message);
      throw error;
    }
  }
}

const failure = (status: number, message: string): Reply => ({
  status,
  body: { id: randomUUID(), message },
});

const asOrdered = ({ status, retryAfter }: FailureRule): Reply => ({
  ...failure(status, status === 429 ? 'too many requests' : 'the sandbox was told to fail'),
  ...(status === 429 && { headers: { 'retry-after': String(retryAfter ?? 1) } }),
});
