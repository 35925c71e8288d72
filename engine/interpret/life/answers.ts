import type { Value } from '../../base/value.ts';
import type { EventBody } from '../../model/event.ts';
import type { InputQuestion } from '../../model/ports.ts';
import type { Affected } from './affected.ts';

/** An answer that somebody gave in this run, and how to put it right. */
export interface GivenAnswer {
  /** As events name it. */
  readonly scope: string;
  readonly name: string;
  /** What was asked. */
  readonly prompt: string;
  value(): Value;
  readonly isSecret: boolean;
  /** What an answer to the question is taken for: the value of an option, a handle for a secret, which is kept by this. */
  taken(answer: Value): Value;
  /** The question that it answered. */
  question(): Promise<InputQuestion>;
  /** What rests on it. */
  affected(): Affected;
  /** What is journaled for another value; `done` are the keys of steps that were done with the old one. */
  events(value: Value, by: string, done: readonly string[]): readonly EventBody[];
  /** From here on names stand for this value. */
  apply(value: Value): void;
}

/** An input of a called playbook that its caller makes of its own names. */
export interface MadeInput {
  readonly scope: string;
  readonly name: string;
  value(): Value;
  /** Evaluates it anew. */
  make(): Value;
  /** Undefined when the value is fine. */
  problem(value: Value): string | undefined;
  event(value: Value, done: readonly string[]): EventBody;
  apply(value: Value): void;
}

/** What was answered so far, in the order in which it was asked. */
export class Answers {
  readonly #given = new Map<string, GivenAnswer>();
  readonly #made = new Map<string, MadeInput>();
  readonly #corrected: { readonly affected: Affected; readonly seq: number }[] = [];

  get given(): readonly GivenAnswer[] {
    return [...this.#given.values()];
  }

  get made(): readonly MadeInput[] {
    return [...this.#made.values()];
  }

  add(answer: GivenAnswer): void {
    this.#given.set(`${answer.scope}/${answer.name}`, answer);
  }

  addMade(input: MadeInput): void {
    this.#made.set(`${input.scope}/${input.name}`, input);
  }

  /** An answer was corrected by that event of the journal. */
  noteCorrection(affected: Affected, seq: number): void {
    this.#corrected.push({ affected, seq });
  }

  /** Whether something that a called playbook's input is made of was corrected after it was made. */
  isOutdated(scope: string, name: string, madeAt: number): boolean {
    return this.#corrected.some(({ affected, seq }) => seq > madeAt && affects(affected, { scope, name }));
  }

  /** What was answered within something that is over: nothing can rest on it any more. */
  forget(scope: string): void {
    for (const entries of [this.#given, this.#made]) {
      for (const [key, entry] of entries) {
        if (entry.scope === scope || entry.scope.startsWith(`${scope}/`)) entries.delete(key);
      }
    }
  }
}

/** Whether a called playbook's input rests on it. */
export const affects = (
  { inputs }: Affected,
  input: { readonly scope: string; readonly name: string },
): boolean => inputs.some(({ call, name }) => name === input.name && call.test(input.scope));
