import { canonicalJson, isJsonObject } from '../../base/json.ts';
import type { GateAnswered, GateOpened } from '../../model/event.ts';

/** What may differ between two times that the very same is asked. */
const PASSING_MEMBERS = new Set(['choices', 'targets', 'approvals']);

/** What is asked in a run, gate by gate, for whoever answers from elsewhere: to which of them an answer can still count. */
export class Askings {
  /** Messages that were looked at, by their ids. */
  readonly heard = new Set<string>();
  /** Who has driven the run so far: nobody approves what they ask for themselves. */
  readonly drivers = new Set<string>();
  /** Signatures of approvals: each counts once. */
  readonly signatures = new Set<string>();
  /** By step: approvals that no answer has used up. */
  readonly approvals = new Map<string, readonly GateAnswered[]>();
  /** By key: the gates that asked what nobody has settled yet, and what each of them asked. */
  readonly #open = new Map<string, Map<string, string>>();
  /** By gate: why an answer to it comes too late. */
  readonly #settled = new Map<string, string>();

  opened(event: GateOpened): void {
    const gates = this.#open.get(event.key) ?? new Map<string, string>();
    this.#open.set(event.key, gates.set(event.gate, whatIsAsked(event)));
  }

  /** `passing`: the question is asked again. */
  answered(event: GateAnswered, passing: boolean): void {
    const { key, answer, by, sent } = event;
    if (answer === 'approve') this.approvals.set(key, [...(this.approvals.get(key) ?? []), event]);
    if (sent !== undefined) this.heard.add(sent.message);
    if (sent?.proof !== undefined) this.signatures.add(sent.proof.signature);
    if (answer === 'closed') this.settle(key, 'it is closed');
    else if (!passing) {
      this.settle(key, `${by} was first`);
      this.approvals.delete(key);
    }
  }

  /** Nobody answers any more what this key has asked. */
  settle(key: string, why: string): void {
    for (const gate of this.#open.get(key)?.keys() ?? []) this.#settled.set(gate, why);
    this.#open.delete(key);
  }

  /** Nobody has settled it: it is being asked, or will be asked again when the run has gone on. */
  isOpen(gate: string): boolean {
    return [...this.#open.values()].some((gates) => gates.has(gate));
  }

  /** The same of a step. */
  isAsked(key: string): boolean {
    return this.#open.has(key);
  }

  /** Whether a gate asked what another one of the key asks now: after a crash or a note it has another number. */
  isSame(key: string, gate: string, now: string): boolean {
    const gates = this.#open.get(key);
    const asked = gates?.get(gate);
    return asked !== undefined && asked === gates?.get(now);
  }

  whyClosed(gate: string): string {
    return this.#settled.get(gate) ?? 'it is no question of this run';
  }
}

/** The same text for the same question, however often it is put: an answer to the one counts for the other. */
function whatIsAsked({ question, digest }: GateOpened): string {
  if (!isJsonObject(question)) return '';
  const lasting = Object.entries(question).filter(([name]) => !PASSING_MEMBERS.has(name));
  return canonicalJson([Object.fromEntries(lasting), digest ?? null]);
}
