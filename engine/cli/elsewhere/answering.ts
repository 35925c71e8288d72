import { encodeValue } from '../../base/value.ts';
import { isJsonObject } from '../../base/json.ts';
import { approvalOf, questionFor, questionIn } from '../../model/answering.ts';
import type { Event, GateOpened } from '../../model/event.ts';
import type { Said } from '../../model/message.ts';
import { gateAfter } from '../../model/open-gate.ts';
import type { Answer, Operator, Question } from '../../model/ports.ts';
import { systemClock } from '../clock.ts';
import type { Speaker } from './speaker.ts';

export interface AnsweringOptions {
  readonly run: string;
  readonly speaker: Speaker;
  /** Asks whoever sits here. */
  readonly operator: Pick<Operator, 'ask'>;
  /** A line for them. */
  readonly tell: (text: string) => void;
  /** What went wrong while an answer was sent. */
  readonly failed: (error: unknown) => void;
}

/** Puts what a run asks to somebody elsewhere, as far as it is theirs to answer, while they watch the run. */
export class Answering {
  readonly #options: AnsweringOptions;
  #open: Event<GateOpened> | undefined;
  #asking: AbortController | undefined;
  /** The message that an answer went off with, until the journal says what became of it. */
  #sent: string | undefined;

  constructor(options: AnsweringOptions) {
    this.#options = options;
  }

  /** After each event, those that are history too; what is open after them is asked with `ask`. */
  event(event: Event): void {
    const before = this.#open;
    this.#open = gateAfter(before, event);
    if (event.type === 'message.refused' && event.message === this.#sent) {
      this.#sent = undefined;
      this.#options.tell(`Your answer does not count: ${event.reason}.`);
    }
    if (event.type === 'gate.answered' && before?.gate === event.gate) {
      const isOwn = event.sent?.message === this.#sent && this.#sent !== undefined;
      if (!isOwn) this.#options.tell(`${event.by} answered: ${event.answer}.`);
      this.#sent = undefined;
    }
    if (before?.gate !== this.#open?.gate) this.close();
  }

  /** Asks what is open, unless that is being done, or an answer is on its way. */
  ask(): void {
    if (this.#open === undefined || this.#asking !== undefined || this.#sent !== undefined) return;
    const { speaker, operator, failed } = this.#options;
    const asked = questionIn(this.#open.question);
    const question = asked && questionFor(asked, speaker.name);
    if (question === undefined) return;
    const { gate } = this.#open;
    const asking = new AbortController();
    this.#asking = asking;
    operator
      .ask(question, asking.signal)
      .then(async (answer) => {
        if (asking.signal.aborted) return;
        this.#sent = await speaker.say(this.#said(gate, question, answer));
      })
      .catch((error: unknown) => {
        if (!asking.signal.aborted) failed(error);
      })
      .finally(() => {
        if (this.#asking === asking) this.#asking = undefined;
      });
  }

  close(): void {
    this.#asking?.abort(new Error('answered'));
    this.#asking = undefined;
  }

  #said(gate: string, question: Question, { answer, reason, values }: Answer): Said {
    const { run, speaker } = this.#options;
    if (answer === 'approve' && question.type === 'gate')
      return approvalOf(question, run, speaker.name, systemClock.now());
    const encoded = values === undefined ? undefined : encodeValue(values);
    return {
      type: 'answer',
      run,
      gate,
      by: speaker.name,
      answer,
      ...(reason !== undefined && { reason }),
      ...(isJsonObject(encoded) && { values: encoded }),
    };
  }
}
