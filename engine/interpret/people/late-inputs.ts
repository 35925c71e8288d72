import type { Value, ValueMap } from '../../base/value.ts';
import { decodeValue, encodeValue, isValueList, isValueMap } from '../../base/value.ts';
import { isHandle } from '../../model/handle.ts';
import type { Input, InputType, Step } from '../../model/playbook.ts';
import type { Expression } from '../../model/template.ts';
import type { InputQuestion } from '../../model/ports.ts';
import { EvaluationError } from '../../model/ports.ts';
import { StepError } from '../../model/kind.ts';
import { allowed } from './ask.ts';
import { CODES } from '../../model/codes.ts';
import { affectedBy } from '../life/affected.ts';
import type { GivenAnswer } from '../life/answers.ts';
import { correctBeforehand } from './correct.ts';
import { amendOutput } from '../life/frame.ts';
import { askValue, fitting } from './inputs.ts';
import type { Job } from '../life/job.ts';
import { namesOf } from '../life/job.ts';
import { asMap, resolveStep } from '../life/arguments.ts';
import { shownText } from '../life/text.ts';

/** Asks for the inputs of a step, one after the other. Those that the journal knows are not asked again. */
export async function askLate(job: Job, args: ValueMap, closed: AbortSignal): Promise<ValueMap> {
  const { run, key } = job;
  const output: Record<string, Value> = {};
  for (const name of Object.keys(asMap(args['inputs'] ?? null))) {
    const recorded = run.log.state.inputs.get(`${key}/${name}`);
    const known = recorded === undefined ? undefined : decodeValue(recorded);
    const lost = run.secrets.isBornHere(known) === 'lost';
    const answer = known === undefined || lost ? await askFor(job, args, name, output, closed) : known;
    await checkNamed(job, args, name, answer, output);
    output[name] = answer;
    await remember(job, args, name, output);
  }
  return output;
}

/** The names of what a step asks its operator. */
export function lateQuestions({ with: args }: Step): readonly string[] {
  if (args.type === 'literal') return Object.keys(asMap(asMap(args.value)['inputs'] ?? null));
  if (args.type !== 'map') return [];
  const inputs = args.entries.find(({ key }) => key === 'inputs')?.value;
  if (inputs?.type === 'literal') return Object.keys(asMap(inputs.value));
  return inputs?.type === 'map' ? inputs.entries.map(({ key }) => key) : [];
}

/** A secret that was named instead of written is there, and passes its check. */
async function checkNamed(
  job: Job,
  args: ValueMap,
  name: string,
  answer: Value,
  before: ValueMap,
): Promise<void> {
  const { secrets } = job.run;
  const form = formOf(args, name);
  if (form['type'] !== 'secret' || !isHandle(answer) || secrets.isBornHere(answer) !== undefined) return;
  const text = (await secrets.reveal(answer)).reveal();
  const problem = problemOf(job, form, undefined, text, before);
  if (problem === undefined) return;
  throw new StepError(`${shownText(form['prompt'] ?? name)} ${problem}`, { code: CODES.require });
}

const formOf = (args: ValueMap, name: string): ValueMap => asMap(asMap(args['inputs'] ?? null)[name] ?? null);

/** The answers of a step that has finished can be put right as well. */
export async function rememberAnswers(job: Job): Promise<void> {
  const { run, key } = job;
  const { answeredBy, inputs } = run.log.state;
  const names = [...answeredBy.keys()].filter((name) => name.startsWith(`${key}/`));
  if (names.length === 0 || (await run.kind(job.step.uses)).people !== 'ask') return;
  const { args } = await resolveStep(job);
  const output: Record<string, Value> = {};
  for (const name of Object.keys(asMap(args['inputs'] ?? null))) {
    output[name] = decodeValue(inputs.get(`${key}/${name}`) ?? null);
    await remember(job, args, name, output);
  }
}

/** Keeps an answer so that it can be put right, and puts it right where that was asked for beforehand. */
async function remember(
  job: Job,
  args: ValueMap,
  name: string,
  output: Record<string, Value>,
): Promise<void> {
  const { run, frame, step, key } = job;
  const { question, given } = questionOf(job, args, name, output);
  const answer: GivenAnswer = {
    scope: key,
    name,
    prompt: question.title,
    value: () => output[name] ?? null,
    isSecret: question.input.type === 'secret',
    taken: given,
    question: () => Promise.resolve(question),
    affected: () => affectedBy(frame.playbook, frame.home, `steps.${step.id}`, run.options.evaluator),
    events: (value, by, done) => [
      {
        type: 'input.corrected',
        scope: key,
        name,
        value: encodeValue(value),
        before: encodeValue(output[name] ?? null),
        by,
        done,
      },
    ],
    apply: (value) => {
      output[name] = value;
      amendOutput(frame, step.id, name, value);
    },
  };
  run.answers.add(answer);
  await correctBeforehand(run, answer);
}

/** Asks for a secret that only a process that is gone knew. */
export async function askForSecret(job: Job, args: ValueMap, name: string): Promise<void> {
  await askFor(job, args, name, {}, undefined);
}

async function askFor(
  job: Job,
  args: ValueMap,
  name: string,
  before: ValueMap,
  closed: AbortSignal | undefined,
): Promise<Value> {
  const { run, key } = job;
  const { question, given } = questionOf(job, args, name, before);
  let answer: Value = null;
  await askValue(
    run,
    question,
    (value, by) => {
      answer = given(value);
      return [{ type: 'input.answered', scope: key, name, value: encodeValue(answer), by }];
    },
    closed,
  );
  return answer;
}

/** The question, and what is made of an answer to it: the value that its option stands for, a handle for a secret. */
function questionOf(
  job: Job,
  args: ValueMap,
  name: string,
  before: ValueMap,
): { readonly question: InputQuestion; readonly given: (value: Value) => Value } {
  const { step, key } = job;
  const form = formOf(args, name);
  const isSecret = form['type'] === 'secret';
  const choices = choicesOf(job, form);
  const several = form['type'] === 'list';
  const one = (value: Value): Value => choices?.values.get(shownText(value)) ?? value;
  const chosen = (value: Value): Value =>
    choices !== undefined && isValueList(value) ? value.map(one) : one(value);
  const { default: preset = several ? choices?.ticked : choices?.preset } = form;
  const why = step.why;
  // What is named can be checked once it is read.
  const check = (value: Value): string | undefined =>
    isSecret && isHandle(value) ? undefined : problemOf(job, form, choices, chosen(value), before);
  const offered = Object.entries(asMap(form['offers'] ?? null));
  const offers = fitting(
    offered.map(([label, value]) => ({ label, value })),
    check,
  );
  const question: InputQuestion = {
    type: 'input',
    key,
    id: step.id,
    title: shownText(form['prompt'] ?? name),
    choices: allowed(step, ['value', 'note', 'pause', 'abort']),
    ...(why !== undefined && { why }),
    ...(choices?.heading !== undefined && { heading: choices.heading }),
    input: inputOf(job, name, form, choices),
    ...(offers.length > 0 && { offers }),
    ...(preset !== undefined && preset !== null && { default: preset }),
    check,
  };
  const given = (value: Value): Value => (isSecret ? secretAnswer(job, name, value) : chosen(value));
  return { question, given };
}

const secretAnswer = ({ run, key }: Job, name: string, value: Value): Value =>
  isHandle(value) ? value : run.secrets.keep(key, name, shownText(value));

interface Choices {
  readonly options: Input['options'];
  /** What the answer is, by the text of the option. */
  readonly values: ReadonlyMap<string, Value>;
  readonly heading?: string;
  readonly preset?: Value;
  /** Where several can be chosen: those that are offered as chosen. */
  readonly ticked?: readonly Value[];
}

function choicesOf(job: Job, form: ValueMap): Choices | undefined {
  const { list, options } = form;
  if (isValueMap(list)) return fromList(job, list);
  const pairs = isValueList(options)
    ? options.map((option) => [shownText(option), shownText(option)] as const)
    : Object.entries(asMap(options ?? null)).map(([value, label]) => [value, shownText(label)] as const);
  if (pairs.length === 0) return undefined;
  return {
    options: pairs.map(([value, label]) => ({ value, label })),
    values: new Map(pairs.map(([value]) => [value, value])),
  };
}

/** A choice out of a list that is known only now: each item a row, its columns aligned. */
function fromList(job: Job, list: ValueMap): Choices {
  const { from, value, label, columns } = list;
  const items = isValueList(from) ? from : [];
  if (items.length === 0) throw new StepError('there is nothing to choose from', { code: CODES.list });
  const of = (source: Value | undefined, item: Value): Value =>
    evaluate(job, shownText(source ?? null), { item });
  const rows = items.map((item) => ({
    value: of(value, item),
    cells: [
      ...(label === undefined ? [] : [shownText(of(label, item))]),
      ...Object.values(asMap(columns ?? null)).map((column) => shownText(of(column, item))),
    ],
  }));
  const names = [...(label === undefined ? [] : ['']), ...Object.keys(asMap(columns ?? null))];
  const widths = names.map((name, at) =>
    Math.max(name.length, ...rows.map(({ cells }) => cells[at]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd();
  const offered = rows.filter(
    (_, at) => list['default'] !== undefined && of(list['default'], items[at] ?? null) === true,
  );
  const [first] = offered;
  return {
    options: rows.map((row) => ({
      value: shownText(row.value),
      label: row.cells.length === 0 ? shownText(row.value) : line(row.cells),
    })),
    values: new Map(rows.map((row) => [shownText(row.value), row.value])),
    ...(columns !== undefined && { heading: line(names) }),
    ...(first !== undefined && { preset: shownText(first.value) }),
    ticked: offered.map((row) => shownText(row.value)),
  };
}

function inputOf({ step }: Job, name: string, form: ValueMap, choices: Choices | undefined): Input {
  const type = typeof form['type'] === 'string' ? (form['type'] as InputType) : undefined;
  return {
    name,
    prompt: shownText(form['prompt'] ?? name),
    type: choices === undefined || type === 'list' ? (type ?? 'text') : 'choice',
    options: choices?.options ?? [],
    span: step.span,
  };
}

function problemOf(
  job: Job,
  form: ValueMap,
  choices: Choices | undefined,
  value: Value,
  before: ValueMap,
): string | undefined {
  const known = choices === undefined ? undefined : [...choices.values.values()];
  const several = form['type'] === 'list';
  if (known !== undefined && several && !isValueList(value)) return 'is not a list of choices';
  const picked = several && isValueList(value) ? value : [value];
  if (known !== undefined && picked.some((each) => !known.includes(each))) return 'is not one of the choices';
  const { that, else: otherwise } = asMap(form['check'] ?? null);
  if (that === undefined) return undefined;
  try {
    if (
      evaluate(job, shownText(that), { value, output: before, now: job.run.options.clock.now() }) === true
    ) {
      return undefined;
    }
    return otherwise === undefined ? `not so: ${shownText(that)}` : shownText(otherwise);
  } catch (error) {
    if (error instanceof EvaluationError) return error.message;
    throw error;
  }
}

function evaluate(job: Job, source: string, extra: ValueMap): Value {
  const expression: Expression = { source, span: job.step.span };
  return job.run.options.evaluator.evaluate(expression, namesOf(job, extra));
}
