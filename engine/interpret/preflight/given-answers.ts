import type { Value, ValueMap } from '../../base/value.ts';
import { isValueList, isValueMap, valueMap } from '../../base/value.ts';
import { isHandle, secretReference } from '../../model/handle.ts';
import type { Node, Playbook, SecretOutput } from '../../model/playbook.ts';
import { breakingSteps } from '../../model/walk.ts';
import { lateQuestions } from '../people/late-inputs.ts';
import { PREFLIGHT } from './preflight.ts';
import { shownText } from '../life/text.ts';

/** `$ref` of an answer to a secret question: it was given beforehand, and only that process knows it. */
const GIVEN = 'run.answer';

/** The answer to every gate. */
const EVERY_GATE = '*';

/** What the engine itself asks for. */
const OWN_QUESTIONS = ['occurred', 'detected', PREFLIGHT];

/** Answers to questions with a secret that are none themselves. */
const YES = new Set<Value>(['go', 'done', 'pay', true]);

export interface GivenAnswers {
  /** What answers the questions of the run: secrets that are named instead of written are handles. */
  readonly answers: ValueMap;
  /** What may be written down of them. */
  readonly journaled: ValueMap;
  /** What must never be written down. */
  readonly secrets: readonly string[];
}

/**
 * Answers that were given beforehand, before anything of them is written down: only those to what the
 * playbook declares are, and a handle stands for each that answers a secret question.
 */
export function readGivenAnswers(playbook: Playbook, given: ValueMap): GivenAnswers {
  const questions = questionsOf(playbook);
  const secrets: string[] = [];
  const answers: [string, Value][] = [];
  const journaled: [string, Value][] = [];
  for (const [key, value] of Object.entries(given)) {
    const secret = questions.get(nameOf(key));
    const answer = secret === undefined ? value : secret.named(value);
    answers.push([key, answer]);
    const written = secret?.written(answer, secrets);
    if (written !== undefined) journaled.push([key, written]);
  }
  return { answers: valueMap(answers), journaled: valueMap(journaled), secrets };
}

/** Answers from a journal without those that only the process that was given them knew. */
export const knownAnswers = (journaled: ValueMap): ValueMap =>
  valueMap(Object.entries(journaled).filter(([, value]) => !holdsGiven(value)));

function holdsGiven(value: Value): boolean {
  if (isValueList(value)) return value.some(holdsGiven);
  if (!isValueMap(value)) return false;
  return value['$ref'] === GIVEN || Object.values(value).some(holdsGiven);
}

/** `onFailure/pick#2`, `tables[general]/load`: the name of what is asked, without the item and the round. */
const nameOf = (key: string): string =>
  key
    .replaceAll(/\[[^\]]*\]|#\d+/g, '')
    .split('/')
    .at(-1) ?? key;

/** What a question is answered with, as far as secrets are concerned. */
class Asked {
  readonly #secrets: readonly SecretOutput[];
  readonly #whole: boolean;

  /** `whole`: the answer is the secret itself, or a map of answers with it inside. */
  constructor(secrets: readonly SecretOutput[], whole: boolean) {
    this.#secrets = secrets;
    this.#whole = whole;
  }

  /** With handles for secrets that are named instead of written. */
  named(answer: Value): Value {
    return this.#replace(answer, (secret) => secretReference(secret) ?? secret);
  }

  /** What may be written down; undefined: nothing. The texts that may not are added to `secrets`. */
  written(answer: Value, secrets: string[]): Value | undefined {
    // Which of the arguments are secret is known where they are used, not here.
    if (isValueMap(answer) && answer['answer'] === 'retryWith') {
      secrets.push(...textsIn(answer['values'] ?? null));
      return undefined;
    }
    return this.#replace(answer, (secret) => {
      if (isHandle(secret)) return secret;
      secrets.push(...textsIn(secret));
      return { $ref: GIVEN };
    });
  }

  #replace(answer: Value, by: (secret: Value) => Value): Value {
    if (this.#secrets.length === 0 && !this.#whole) return answer;
    if (this.#whole && !hasMembers(answer)) return by(answer);
    if (!isValueMap(answer)) return YES.has(answer) ? answer : by(answer);
    if (isHandle(answer) || secretReference(answer) !== undefined) return by(answer);
    if ('answer' in answer) {
      const { values } = answer;
      return isValueMap(values) ? { ...answer, values: this.#inside(values, by) } : answer;
    }
    return this.#inside(answer, by);
  }

  #inside(values: ValueMap, by: (secret: Value) => Value): ValueMap {
    return this.#secrets.reduce((all, { path }) => replaceAt(all, path.split('.'), by), values);
  }
}

const hasMembers = (value: Value): boolean =>
  isValueMap(value) && !isHandle(value) && secretReference(value) === undefined;

function replaceAt(
  values: ValueMap,
  [head = '', ...rest]: readonly string[],
  by: (secret: Value) => Value,
): ValueMap {
  const member = values[head];
  if (member === undefined || member === null) return values;
  if (rest.length === 0) return { ...values, [head]: by(member) };
  return isValueMap(member) ? { ...values, [head]: replaceAt(member, rest, by) } : values;
}

function textsIn(value: Value): readonly string[] {
  if (isHandle(value)) return [];
  if (isValueList(value)) return value.flatMap(textsIn);
  if (isValueMap(value)) return Object.values(value).flatMap(textsIn);
  return [shownText(value)];
}

/** Everything that can be answered beforehand: inputs, steps, marks, every gate; in called playbooks and undos, too. */
function questionsOf(playbook: Playbook): ReadonlyMap<string, Asked> {
  const plain = new Asked([], false);
  const questions = new Map([EVERY_GATE, ...OWN_QUESTIONS].map((name) => [name, plain] as const));
  const open = (name: string): void => {
    if (!questions.has(name)) questions.set(name, plain);
  };
  const visitPlaybook = ({ inputs, steps, always }: Playbook): void => {
    for (const { name } of inputs) open(name);
    [...steps, ...always].forEach(visit);
  };
  const visit = (node: Node): void => {
    if (node.type !== 'phase') open(node.id);
    if (node.type === 'call') visitPlaybook(node.playbook);
    if (node.type === 'phase' || node.type === 'forEach' || node.type === 'repeat') node.steps.forEach(visit);
    if (node.type === 'choose' || node.type === 'parallel') {
      for (const branch of node.branches) branch.steps.forEach(visit);
    }
    if ('undo' in node) node.undo.steps.forEach(visit);
    if (node.type !== 'step') return;
    lateQuestions(node).forEach(open);
    if (node.secretOutput.length === 0) return;
    questions.set(node.id, new Asked(node.secretOutput, false));
    for (const { path } of node.secretOutput) questions.set(path, new Asked([], true));
  };
  [playbook, ...breakingSteps(playbook)].forEach(visitPlaybook);
  return questions;
}
