import { encodeValue, valueMap } from '../../base/value.ts';
import type { ValueMap } from '../../base/value.ts';
import type { InjectStruck } from '../../model/event.ts';
import type { Inject, PartFault } from '../../model/inject.ts';
import { StepError } from '../../model/kind.ts';
import type { Evaluator } from '../../model/ports.ts';
import { asMap } from '../life/arguments.ts';
import type { RunContext } from '../life/context.ts';
import { isControl } from '../life/failures.ts';
import { namesOutside } from '../life/names.ts';
import { Known } from '../preflight/known-values.ts';
import { messageOf, shownText } from '../life/text.ts';

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

  constructor(run: RunContext) {
    this.#run = run;
    this.#all = run.options.rehearsal?.injects ?? [];
  }

  /** From the recovery's declaration on (of a tabletop, from its beginning), in each life of the run. */
  async begin(): Promise<void> {
    const { log } = this.#run;
    for (const [index, inject] of this.#all.entries()) {
      const number = index + 1;
      if (log.state.injects.get(number) === 'begun') {
        await this.#note(number, inject, { state: 'unknown', text: 'its process died while it came' });
      }
      if (!('atMs' in inject.when)) continue;
      // An error of the journal is not lost: the next write throws it.
      this.#waiting.push(this.#strikeAt(number, inject, inject.when.atMs).catch(() => undefined));
    }
    this.#run.afterSteps((key) => this.#after(key));
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
    for (const [index, inject] of this.#all.entries()) {
      if ('after' in inject.when && (key.split('/').at(-1) ?? key) === inject.when.after) {
        await this.#strike(index + 1, inject);
      }
    }
  }

  async #strike(number: number, inject: Inject): Promise<void> {
    const { log } = this.#run;
    if (log.state.injects.has(number) || this.#over.signal.aborted) return;
    let struck: Struck;
    try {
      struck = { state: 'done', ...(await this.#come(number, inject)) };
    } catch (error) {
      if (isControl(this.#run, error)) throw error;
      struck = { state: 'failed', text: messageOf(error) };
    }
    await this.#note(number, inject, struck);
  }

  async #come(number: number, inject: Inject): Promise<Omit<Struck, 'state'>> {
    const { environment, clock, evaluator, fault = null, mode } = this.#run.options;
    const scope = { ...namesOutside(environment, clock.now()), fault };
    const { what } = inject;
    if (mode === 'tabletop' && what.type !== 'answer') return { text: toldAtTable(what, evaluator, scope) };
    if (what.type === 'message') return { text: shownText(evaluator.render(what.text, scope)) };
    if (what.type === 'fault') {
      await this.#note(number, inject, { state: 'begun', text: what.fault.uses });
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
  const { uses, part } = what.fault;
  return part === undefined ? uses : `${uses}, of the part ${part}`;
}
