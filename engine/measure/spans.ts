import { isJsonObject } from '../base/json.ts';
import type { Event, ScopeEntered, StepActivity } from '../model/event.ts';
import type { TimeClass } from '../model/time-class.ts';
import { ElapsedTime } from './elapsed.ts';

// Where each step stood in time, for a picture: unlike `timeClasses`, which gives each moment of the run to one
// step, steps side by side have each their own time here.

/** A phase, a branch, or what goes on outside of them. */
export interface SpanLane {
  readonly key: string;
  readonly title: string;
}

/** A stretch of a step's time that belongs to one class. Microseconds since the run began. */
export interface Span {
  /** Of the step, or of what was asked. */
  readonly key: string;
  readonly title: string;
  readonly lane: string;
  readonly spentAs: TimeClass;
  readonly from: number;
  readonly to: number;
}

/** Something that has no length: an attempt that failed, a question that was answered. */
export interface Point {
  readonly key: string;
  readonly lane: string;
  readonly what: 'retry' | 'gate';
  readonly at: number;
  readonly text: string;
}

export interface Spans {
  /** In the order of their first step. */
  readonly lanes: readonly SpanLane[];
  readonly spans: readonly Span[];
  readonly points: readonly Point[];
  /** When nothing drove the run: paused, dead or asleep. */
  readonly down: readonly { readonly from: number; readonly to: number }[];
  /** Where each event lies, by its number. */
  readonly passed: ReadonlyMap<number, number>;
  readonly total: number;
}

export function spansOf(events: readonly Event[]): Spans {
  const follower = new Follower();
  for (const event of events) follower.take(event);
  return follower.end();
}

/** A step under way. */
interface Running {
  spentAs: StepActivity['class'];
  since: number;
  readonly title: string;
  readonly isParked: boolean;
}

const LANES: ReadonlySet<ScopeEntered['kind']> = new Set(['phase', 'branch', 'lane', 'always']);

/** Changed in place: a run has many events. */
class Follower {
  readonly #time = new ElapsedTime();
  readonly #lanes = new Map<string, SpanLane>();
  readonly #spans: Span[] = [];
  readonly #points: Point[] = [];
  readonly #down: { readonly from: number; readonly to: number }[] = [];
  readonly #passed = new Map<number, number>();
  readonly #running = new Map<string, Running>();
  /** Open questions by gate: of which step, since when. */
  readonly #gates = new Map<
    string,
    { readonly key: string; readonly title: string; readonly since: number }
  >();
  #open: ScopeEntered[] = [];
  #downSince: number | undefined;
  #outside: SpanLane = { key: '(set-up)', title: 'Setting up' };

  take(event: Event): void {
    const before = this.#time.now.passed;
    this.#time.take(event);
    const now = this.#time.now.passed;
    this.#passed.set(event.seq, now);
    this.#follow(event, before, now);
  }

  end(): Spans {
    this.#endAll(this.#time.now.passed);
    return {
      lanes: [...this.#lanes.values()],
      spans: this.#spans,
      points: this.#points,
      down: this.#down,
      passed: this.#passed,
      total: this.#time.now.passed,
    };
  }

  #follow(event: Event, before: number, now: number): void {
    switch (event.type) {
      case 'run.paused':
        this.#stop(now);
        return;
      case 'run.resumed':
      case 'journal.repaired':
        // Of a process that died the last event is all that is known of its end.
        if (this.#downSince === undefined) this.#stop(before);
        if (event.type === 'run.resumed') this.#goOn(now);
        return;
      case 'clock.jumped':
        if (now > before) this.#down.push({ from: before, to: now });
        return;
      case 'run.finished':
        this.#endAll(now);
        return;
      case 'abort.begun':
        this.#outside = END;
        return;
      case 'mark.set':
        if (event.mark === 'started' && event.source === 'run') this.#outside = BETWEEN;
        return;
      case 'scope.entered':
        this.#open.push(event);
        if (event.kind === 'phase') this.#outside = BETWEEN;
        if (event.kind === 'undo' || event.kind === 'always') this.#outside = END;
        return;
      case 'scope.left': {
        const at = this.#open.findLastIndex(({ key }) => key === event.key);
        if (at !== -1) this.#open = this.#open.toSpliced(at, 1);
        return;
      }
      case 'gate.opened': {
        const { key, gate, question } = event;
        const title = isJsonObject(question) ? question['title'] : undefined;
        this.#pause(key, now);
        this.#gates.set(gate, { key, title: typeof title === 'string' ? title : key, since: now });
        return;
      }
      case 'gate.answered':
        this.#answer(event.gate, event.answer, now);
        return;
      default:
        this.#followStep(event, now);
    }
  }

  #followStep(event: Event, now: number): void {
    switch (event.type) {
      case 'step.started': {
        const { key, title, park } = event;
        this.#pause(key, now);
        this.#running.set(key, { spentAs: 'machine', since: now, title, isParked: park === true });
        return;
      }
      case 'step.activity': {
        this.#pause(event.key, now);
        const running = this.#running.get(event.key);
        if (running !== undefined) running.spentAs = event.class;
        return;
      }
      case 'step.attemptFailed': {
        const { key, attempt, error } = event;
        const text = `attempt ${String(attempt)} failed: ${error.message}`;
        this.#points.push({ key, lane: this.#laneOf(key), what: 'retry', at: now, text });
        return;
      }
      case 'step.finished':
        this.#pause(event.key, now);
        this.#running.delete(event.key);
        for (const [gate, { key }] of this.#gates) if (key === event.key) this.#gates.delete(gate);
        return;
      default:
    }
  }

  #answer(gate: string, answer: string, now: number): void {
    const asked = this.#gates.get(gate);
    if (asked === undefined) return;
    const { key, title, since } = asked;
    this.#add({ key, title, spentAs: 'human', from: since, to: now });
    this.#points.push({ key, lane: this.#laneOf(key), what: 'gate', at: now, text: `${title}: ${answer}` });
    this.#gates.delete(gate);
    const running = this.#running.get(key);
    if (running !== undefined) running.since = now;
  }

  /** What a step did up to now; it goes on with something else. */
  #pause(key: string, now: number): void {
    const running = this.#running.get(key);
    if (running === undefined) return;
    const isAsked = [...this.#gates.values()].some((gate) => gate.key === key);
    const { title, since } = running;
    const spentAs = running.isParked ? 'external' : running.spentAs;
    if (!isAsked) this.#add({ key, title, spentAs, from: since, to: now });
    running.since = now;
  }

  #stop(now: number): void {
    this.#downSince = now;
    for (const [key, { isParked }] of this.#running) if (!isParked) this.#endStep(key, now);
    for (const [gate, { key, title, since }] of this.#gates) {
      this.#add({ key, title, spentAs: 'human', from: since, to: now });
      this.#gates.delete(gate);
    }
  }

  #goOn(now: number): void {
    if (this.#downSince !== undefined) this.#down.push({ from: this.#downSince, to: now });
    this.#downSince = undefined;
  }

  #endAll(now: number): void {
    for (const { key, title, since } of this.#gates.values())
      this.#add({ key, title, spentAs: 'human', from: since, to: now });
    this.#gates.clear();
    for (const key of this.#running.keys()) this.#endStep(key, now);
    this.#goOn(now);
  }

  #endStep(key: string, now: number): void {
    this.#pause(key, now);
    this.#running.delete(key);
  }

  #add(span: Omit<Span, 'lane'>): void {
    const lane = this.#laneOf(span.key);
    if (span.to > span.from) this.#spans.push({ ...span, lane });
  }

  /** The innermost open phase or branch that holds a key; in it, it is given a lane. */
  #laneOf(key: string): string {
    const scope =
      this.#open.findLast((each) => LANES.has(each.kind) && holds(each, key)) ??
      this.#open.find((each) => each.kind === 'call' && holds(each, key));
    const lane = scope === undefined ? this.#outside : { key: scope.key, title: scope.title };
    if (!this.#lanes.has(lane.key)) this.#lanes.set(lane.key, lane);
    return lane.key;
  }
}

const BETWEEN: SpanLane = { key: '(between)', title: 'Outside of phases' };
const END: SpanLane = { key: '(end)', title: 'The end: undos, debts' };

/** Phases and branches leave no trace in the keys of their steps: those have the key of the playbook around. */
function holds({ kind, key: scope }: ScopeEntered, key: string): boolean {
  if (kind === 'lane' || kind === 'always' || kind === 'call') return key.startsWith(`${scope}/`);
  const path = kind === 'branch' ? scope.split('/').slice(0, -2) : scope.split('/').slice(0, -1);
  return path.length === 0 || key.startsWith(`${path.join('/')}/`);
}
