import type { Json } from '../../../base/json.ts';
import type { Reply, Request } from '../../ground/http.ts';
import { reservePort } from '../../ground/port.ts';
import type { Program } from '../../ground/program.ts';
import { troubleOf, untilReady } from '../../ground/ready.ts';
import type { Repetition } from '../../ground/repeat.ts';
import { repeat } from '../../ground/repeat.ts';
import type { ApiCopy, ApiOptions } from '../application.ts';
import { Customers } from './customers.ts';
import type { Project } from './project.ts';

const LISTENS_WITHIN_MS = 30_000;
const ANSWER_MS = 10_000;
const HEALTH = '/api/health/';
const WRITE_EVERY_MS = 100;
const UPLOAD_EVERY_MS = 1000;
const SERVER = ['-m', 'gunicorn', 'peakops.wsgi', '--workers', '1', '--threads', '4'];

/** A copy of the API, served by gunicorn. */
export class DjangoApi implements ApiCopy {
  readonly #program: Program;
  readonly #url: string;
  readonly #customers: Customers;
  readonly #hasCustomers: () => boolean;
  #work: readonly Repetition[] = [];

  private constructor(program: Program, url: string, { ledger, hasCustomers }: ApiOptions) {
    this.#program = program;
    this.#url = url;
    this.#customers = new Customers(url, ledger);
    this.#hasCustomers = hasCustomers;
  }

  static async start(
    project: Project,
    environment: ReadonlyMap<string, string>,
    options: ApiOptions,
  ): Promise<DjangoApi> {
    const port = await reservePort();
    const listen = ['--bind', `127.0.0.1:${String(port)}`];
    const program = project.program(
      [...SERVER, ...listen],
      Object.fromEntries(environment),
      project.file('gunicorn.log'),
    );
    await program.start();
    try {
      await untilReady(program, () => troubleOf({ port }), LISTENS_WITHIN_MS);
    } catch (error) {
      await program.stop();
      throw error;
    }
    return new DjangoApi(program, `http://127.0.0.1:${String(port)}`, options);
  }

  async check(): Promise<void> {
    const trouble = await this.trouble();
    if (trouble !== undefined) throw new Error(trouble);
  }

  serve(): void {
    this.#work = [
      repeat(WRITE_EVERY_MS, () => this.#forCustomers(() => this.#customers.makeInspection())),
      repeat(UPLOAD_EVERY_MS, () => this.#forCustomers(() => this.#customers.uploadVideo())),
    ];
  }

  async stop(): Promise<void> {
    await Promise.all(this.#work.map((repetition) => repetition.stop()));
    await this.#program.stop();
  }

  async answer({ method, path, query, headers, body }: Request): Promise<Reply> {
    const search = query.size === 0 ? '' : `?${query.toString()}`;
    try {
      const response = await fetch(`${this.#url}${path}${search}`, {
        method,
        headers: passedOn(headers),
        signal: AbortSignal.timeout(ANSWER_MS),
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: jsonOr(await response.text()) };
    } catch (error) {
      return { status: 502, body: { message: `the instance does not answer: ${String(error)}` } };
    }
  }

  async trouble(): Promise<string | undefined> {
    const unanswered = this.#program.ending ?? (await troubleOf({ url: `${this.#url}${HEALTH}` }));
    const refused = this.#work.flatMap(({ last }) => last?.error ?? [])[0];
    return unanswered ?? (refused === undefined ? undefined : `customers cannot work: ${refused}`);
  }

  async #forCustomers(work: () => Promise<void>): Promise<void> {
    if (this.#hasCustomers()) await work();
  }
}

const passedOn = (headers: Request['headers']): Record<string, string> =>
  Object.fromEntries(
    ['accept', 'content-type', 'cookie'].flatMap((name) => {
      const value = headers[name];
      return typeof value === 'string' ? [[name, value]] : [];
    }),
  );

/** A page of Django's own is text. */
function jsonOr(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
