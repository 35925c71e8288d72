import type { ValueMap } from '../../engine/base/value.ts';
import type { Answer, AnswerName, Operator, Question } from '../../engine/model/ports.ts';
import { OperatorNeeded } from '../../engine/model/ports.ts';

export type Reply = Answer | AnswerName | ((question: Question) => Answer | AnswerName | Promise<Answer>);

/** Answers from a script: by key or id of the question, in order; a question without an answer needs an operator. */
export class FakeOperator implements Operator {
  readonly name = 'ada';
  readonly asked: Question[] = [];
  readonly #replies: Map<string, Reply[]>;

  constructor(replies: Readonly<Record<string, Reply | readonly Reply[]>> = {}) {
    this.#replies = new Map(
      Object.entries(replies).map(([key, reply]) => [
        key,
        Array.isArray(reply) ? [...(reply as readonly Reply[])] : [reply as Reply],
      ]),
    );
  }

  async ask(question: Question, signal: AbortSignal): Promise<Answer> {
    this.asked.push(question);
    const reply = (this.#replies.get(question.key) ?? this.#replies.get(question.id))?.shift();
    if (reply === undefined) throw new OperatorNeeded(question);
    const answer = typeof reply === 'function' ? reply(question) : reply;
    const resolved = await Promise.race([Promise.resolve(answer), aborted(signal)]);
    return typeof resolved === 'string' ? { answer: resolved } : resolved;
  }

  correction?: NonNullable<Operator['correction']>;

  /** Called with each wish that could be had; set by a test that wants to leave a branch. */
  leaves: ((title: string, signal: AbortSignal) => Promise<void>) | undefined;

  wantsOtherBranch(title: string, signal: AbortSignal): Promise<void> {
    return this.leaves?.(title, signal) ?? new Promise(() => undefined);
  }

  /** Called with each wait that could be ended; set by a test that wants to end one. */
  stopsWaiting: ((title: string, signal: AbortSignal) => Promise<void>) | undefined;

  wantsToStopWaiting(title: string, signal: AbortSignal): Promise<void> {
    return this.stopsWaiting?.(title, signal) ?? new Promise(() => undefined);
  }

  /** `<type> <key>` of every question, in order. */
  get questions(): readonly string[] {
    return this.asked.map(({ type, key }) => `${type} ${key}`);
  }
}

/** Somebody who looks at the question and does not answer. */
export const silence = (): Promise<Answer> => new Promise(() => undefined);

export const value = (given: ValueMap[string]): Answer => ({ answer: 'value', values: { value: given } });

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = (): void => reject(signal.reason as Error);
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
}
