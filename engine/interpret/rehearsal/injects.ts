import { encodeValue, valueMap } from '../../base/value.ts';
import type { ValueMap } from '../../base/value.ts';
import type { InjectStruck } from '../../model/event.ts';
import { BREAKING } from '../../model/blind.ts';
import type { PartFault } from '../../model/inject.ts';
import { StepError } from '../../model/kind.ts';
import type { Fault, Inject, StepsFault } from '../../model/playbook.ts';
import type { Evaluator } from '../../model/ports.ts';
import { asMap } from '../life/arguments.ts';
import type { RunContext } from '../life/context.ts';
import { Aborting } from '../life/control.ts';
import { isControl } from '../life/failures.ts';
import type { Frame } from '../life/frame.ts';
import { namesOutside } from '../life/names.ts';
import { Known } from '../preflight/known-values.ts';
import { messageOf, shownText } from '../life/text.ts';
import { walkSteps } from './break.ts';

type Struck = Pick<InjectStruck, 'state' | 'text' | 'answers'>;

/**
 * What surprises people in mid-run, each once: at its time beside all that goes on, or as soon as its step has ended.
 * One whose time passed while no process drove the run comes when the run goes on.
 */
export class Injects {
  readonly #run: RunContext;
  readonly #all: readonly Inject[];
  readonly #over = new AbortController();
  readonly #waiting: Promise<void>[] = [];
  /** Of those whose steps have begun to break something: what is always done puts it right. */
  readonly broken: Frame[] = [];

  constructor(run: RunContext) {
    this.#run = run;
    this.#all = run.options.rehearsal?.injects ?? [];
  }

  /** From the recovery's declaration on (of a tabletop, from its beginning), in each life of the run. */
  async begin(): Promise<void> {
    const { log } = this.#run;
    for (const [index, inject] of this.#all.entries()) {
      const number = index + 1;
      if (log.state.injects.has(number)) await this.#recall(number, inject);
      else if (!('atMs' in inject.when)) continue;
      else {
        // An error of the journal is not lost: the next write throws it.
        this.#waiting.push(this.#strikeAt(number, inject, inject.when.atMs).catch(() => undefined));
      }
    }
    this.#run.afterSteps((key) => this.#after(key));
  }

  /** One that came in an earlier life. Steps go on where they were; whether a part broke, nobody knows. */
  async #recall(number: number, inject: Inject): Promise<void> {
    const state = this.#run.log.state.injects.get(number);
    const { what } = inject;
    const fault = what.type === 'fault' ? what.fault : undefined;
    if (fault?.type === 'steps') {
      const struck = await this.#outcome(() => this.#breakBySteps(number, fault));
      if (state === 'begun') await this.#note(number, inject, struck);
    } else if (state === 'begun') {
      await this.#note(number, inject, { state: 'unknown', text: 'its process died while it came' });
    }
  }

  /** From then on none comes any more. */
  async endAll(): Promise<void> {
    this.#over.abort();
    await Promise.all(this.#waiting);
  }

  async #strikeAt(number: number, inject: Inject, atMs: number): Promise<void> {
    const { log, options } = this.#run;
    const { clock, pause, stop } = options;
    const awake = AbortSignal.any([this.#over.signal, pause, stop]);
    const due = (log.state.marks.get('declared') ?? this.#run.startedAt.epochMicros) / 1000 + atMs;
    while (clock.now().epochMillis < due) {
      await clock.sleep(due - clock.now().epochMillis, awake);
      if (awake.aborted) return;
    }
    await this.#strike(number, inject);
  }

  async #after(key: string): Promise<void> {
    // What breaks something has steps of its own, which may bear the name of one of the recovery.
    if (key.startsWith(BREAKING)) return;
    for (const [index, inject] of this.#all.entries()) {
      if ('after' in inject.when && (key.split('/').at(-1) ?? key) === inject.when.after) {
        await this.#strike(index + 1, inject);
      }
    }
  }

  async #strike(number: number, inject: Inject): Promise<void> {
    const { log } = this.#run;
    if (log.state.injects.has(number) || this.#over.signal.aborted) return;
    await this.#note(number, inject, await this.#outcome(() => this.#come(number, inject)));
  }

  /** What cannot come stops nothing but itself, and so does a person who aborts a step of it. */
  async #outcome(come: () => Promise<Omit<Struck, 'state'>>): Promise<Struck> {
    try {
      return { state: 'done', ...(await come()) };
    } catch (error) {
      if (isControl(this.#run, error) && !(error instanceof Aborting)) throw error;
      return { state: 'failed', text: messageOf(error) };
    }
  }

  async #come(number: number, inject: Inject): Promise<Omit<Struck, 'state'>> {
    const { environment, clock, evaluator, fault = null, mode } = this.#run.options;
    const scope = { ...namesOutside(environment, clock.now()), fault };
    const { what } = inject;
    if (mode === 'tabletop' && what.type !== 'answer') return { text: toldAtTable(what, evaluator, scope) };
    if (what.type === 'message') return { text: shownText(evaluator.render(what.text, scope)) };
    if (what.type === 'fault') {
      await this.#note(number, inject, { state: 'begun', text: nameOf(what.fault) });
      if (what.fault.type === 'steps') return this.#breakBySteps(number, what.fault);
      return { text: await this.#break(what.fault, scope) };
    }
    const answers = valueMap(
      what.answers.map(({ key, value }) => [key, evaluator.render(value, scope)] as const),
    );
    const text = Object.entries(answers).map(([key, value]) => `${key}: ${shownText(value)}`);
    return { text: text.join(', '), answers: encodeValue(answers) };
  }

  async #break({ uses, part, with: args }: PartFault, scope: ValueMap): Promise<string> {
    const { world, evaluator } = this.#run.options;
    if (world === undefined)
      throw new StepError(`${uses} breaks a part of a world, and here is none`, { code: 'noWorld' });
    const { description } = await world.inject(uses, asMap(evaluator.render(args, scope)), part);
    return description;
  }

  async #breakBySteps(number: number, fault: StepsFault): Promise<Omit<Struck, 'state'>> {
    await walkSteps(this.#run, fault, `${BREAKING}!inject${String(number)}/`, this.broken);
    return { text: nameOf(fault) };
  }

  #note(number: number, { what }: Inject, struck: Struck): Promise<void> {
    return this.#run.log.append({ type: 'inject.struck', number, what: what.type, ...struck });
  }
}

/** At a tabletop nothing breaks: people are told that it did. What only a fault that struck would tell stands as its expression. */
function toldAtTable(
  what: Exclude<Inject['what'], { type: 'answer' }>,
  evaluator: Evaluator,
  scope: ValueMap,
): string {
  if (what.type === 'message') return new Known(evaluator, scope).text(what.text);
  return nameOf(what.fault);
}

const nameOf = (fault: Fault): string => {
  if (fault.type === 'steps') return fault.playbook.title;
  return fault.part === undefined ? fault.uses : `${fault.uses}, of the part ${fault.part}`;
};
