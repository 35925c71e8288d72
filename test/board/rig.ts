import type { Hono } from 'hono';
import { createBoard } from '../../engine/board/app.ts';
import type { Passed } from '../../engine/board/guard.ts';
import type { Runs, Standing } from '../../engine/board/ports.ts';
import type { JsonObject } from '../../engine/base/json.ts';
import { summarize } from '../../engine/measure/summary.ts';
import type { Event, EventBody } from '../../engine/model/event.ts';
import { TestClock } from '../journal/rig.ts';
import { Story, started } from '../measure/rig.ts';

/** Moved by the test alone: whoever sleeps on it sleeps until nobody waits any more. */
class BoardClock extends TestClock {
  override sleep(_millis?: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
  }
}

export const RUN = '20261122-1455-k3fq';
export const ORIGIN = 'http://127.0.0.1:7420';

/** A step that failed at a target that nobody may see who only watches, and a gate that waits. */
export const HAPPENED: readonly EventBody[] = [
  { type: 'mark.set', mark: 'declared', time: Date.UTC(2026, 10, 22, 14, 55) * 1000, source: 'run' },
  {
    type: 'step.started',
    key: 'restore',
    title: 'Restore the <b>database</b>',
    kind: 'shell',
    effect: 'write',
    describe: 'restore into db-7.internal',
    args: {},
    digest: 'd',
  },
  {
    type: 'step.attemptFailed',
    key: 'restore',
    attempt: 1,
    error: { code: 'exit', message: 'db-7.internal said OUTPUT', changed: 'nothing' } as never,
  },
  { type: 'note.added', by: 'ada', text: 'the password of db-7.internal is in the safe' },
  {
    type: 'gate.opened',
    key: 'switch',
    gate: 'switch#1',
    question: {
      type: 'gate',
      key: 'switch',
      id: 'switch',
      title: 'Switch the <script>traffic</script>',
      choices: ['go', 'decline', 'correct', 'note', 'pause', 'abort'],
      message: 'Traffic goes to db-7.internal from now on.',
      describe: 'point the name at db-7.internal',
      effect: 'destructive',
      typed: 'production',
      targets: [{ name: 'db-7.internal', verdict: 'match', facts: { rows: '120' } }],
      voidsUndo: true,
      role: { name: 'dba', people: ['ada', 'brook'] },
    },
  },
];

/** Runs that are in memory: what the board is given in place of a store. */
export class MemoryRuns implements Runs {
  readonly said: { readonly run: string; readonly body: JsonObject }[] = [];
  readonly events: readonly Event[];
  stands: Standing = 'known';

  constructor(happened: readonly EventBody[] = HAPPENED) {
    const story = new Story().add(
      started({
        run: RUN,
        objectives: { rto: { targetMs: 1_800_000, from: 'declared', to: 'verified' } },
      }),
    );
    for (const body of happened) story.wait(1000).add(body);
    this.events = story.events;
  }

  list = () => Promise.resolve([summarize(this.events, { writing: true })]);
  read = (run: string) => Promise.resolve(run === RUN ? this.events : undefined);
  isWritten = () => Promise.resolve(true);
  plan = () => Promise.resolve({ plan: [], history: new Map<string, readonly number[]>() });
  standing = () => Promise.resolve(this.stands);
  say = (run: string, _id: string, body: JsonObject) => {
    this.said.push({ run, body });
    return Promise.resolve();
  };

  async *follow(_run: string, _from: number, signal: AbortSignal): AsyncGenerator<Event> {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  }
}

/** A board that listens nowhere. */
export class TestBoard {
  readonly runs = new MemoryRuns();
  readonly clock = new BoardClock();
  readonly told: string[] = [];
  readonly #board = createBoard({
    ...{ runs: this.runs, clock: this.clock, person: 'ada', tell: (line: string) => this.told.push(line) },
  });

  get app(): Hono<Passed> {
    return this.#board.app;
  }

  loginLink(): string {
    return this.#board.loginLink();
  }

  get(path: string, cookie?: string): Promise<Response> {
    return this.ask(path, { headers: cookie === undefined ? {} : { cookie } });
  }

  post(path: string, form: Readonly<Record<string, string>>, cookie?: string): Promise<Response> {
    const headers = { origin: ORIGIN, ...(cookie !== undefined && { cookie }) };
    return this.ask(path, { method: 'POST', headers, body: new URLSearchParams(form) });
  }

  async ask(path: string, init: RequestInit = {}): Promise<Response> {
    return this.app.request(path.startsWith('http') ? path : ORIGIN + path, init);
  }

  /** Comes in by a link; the cookie of the session. */
  async enter(link = this.loginLink()): Promise<string> {
    const entered = await this.post('/enter', { link });
    return (entered.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  }

  /** What stands in the forms of a session. */
  async form(cookie: string): Promise<string> {
    const page = await (await this.get(`/runs/${RUN}`, cookie)).text();
    return /name="form" value="([^"]+)"/.exec(page)?.[1] ?? '';
  }

  /** The link that a run is watched by. */
  async watchLink(cookie: string): Promise<string> {
    const made = await this.post(`/runs/${RUN}/links`, { form: await this.form(cookie) }, cookie);
    return /\/enter\/([\w-]+)/.exec(await made.text())?.[1] ?? '';
  }
}
