import { Duration } from '../../engine/base/duration.ts';
import type { Value, ValueMap } from '../../engine/base/value.ts';
import { isValueList, isValueMap } from '../../engine/base/value.ts';
import type { JoinRule, OnFailure, WhenLost } from '../../engine/model/failure-rules.ts';
import type {
  Assertion,
  Branch,
  Condition,
  Confirm,
  Effect,
  Fault,
  Inject,
  Input,
  InputType,
  Node,
  Playbook,
  SecretOutput,
  Step,
  Until,
} from '../../engine/model/playbook.ts';
import type { Expression, Template, TemplateEntry } from '../../engine/model/template.ts';
import type { PartFault } from '../../engine/model/inject.ts';
import { SourceFile } from '../../engine/source/file.ts';

/**
 * Playbooks as object literals in the form of the YAML, without the loader: so tests of the
 * interpreter may use step kinds of their own.
 */
const FILE = new SourceFile('test.yaml', '');
const SPAN = { file: FILE, start: 0, end: 0 };

interface ConditionForm {
  readonly that: string;
  readonly else?: string;
  readonly uses?: string;
  readonly with?: ValueMap;
}

interface UntilForm extends ConditionForm {
  readonly failWhen?: string;
  readonly delay?: string;
  readonly every?: string;
  readonly timeout?: string;
  readonly stable?: number;
  readonly show?: string;
}

interface BaseForm {
  readonly id: string;
  readonly title?: string;
  readonly when?: string;
  readonly why?: string;
  readonly by?: string;
}

export interface StepForm extends BaseForm {
  readonly uses: string;
  readonly with?: ValueMap;
  readonly confirm?: {
    readonly message: string;
    readonly type?: string;
    readonly onDecline?: OnFailure;
    readonly approvals?: Confirm['approvals'];
  };
  readonly guard?: ConditionForm;
  readonly require?: readonly ConditionForm[];
  readonly until?: UntilForm;
  readonly assert?: readonly ConditionForm[];
  readonly expectFailure?: string;
  readonly outcomes?: Readonly<Record<string, string>>;
  readonly record?: ValueMap;
  readonly mark?: readonly string[];
  readonly rebind?: ValueMap;
  readonly expect?: string;
  readonly timeout?: string;
  readonly retry?: {
    readonly attempts: number;
    readonly delay?: string;
    readonly backoff?: number;
    readonly when?: string;
  };
  readonly onFailure?: OnFailureForm;
  readonly background?: { readonly ready?: UntilForm; readonly whenLost?: WhenLost };
  readonly remind?: { readonly every: string; readonly until?: string; readonly with?: ValueMap };
  readonly park?: boolean;
  readonly attach?: Value;
  readonly next?: string;
  readonly undo?: {
    readonly key?: string;
    readonly at: 'abort' | 'exit';
    readonly pay?: 'ask' | 'auto';
    readonly when?: string;
    readonly require?: readonly ConditionForm[];
    readonly steps: readonly NodeForm[];
  };
  readonly noReturn?: boolean;
  readonly settles?: readonly string[];
  readonly never?: readonly string[];
  readonly prove?: ValueMap;
  readonly touches?: string;
  readonly effect?: Effect;
  readonly idempotent?: boolean;
  readonly secretOutput?: readonly (string | SecretOutput)[];
}

type Word = 'ask' | 'continue' | 'abort' | 'skip';
type OnFailureForm = Word | { readonly branch: string } | { readonly next: string };

interface CallForm extends BaseForm {
  readonly playbook: Playbook;
  readonly inputs?: ValueMap;
  readonly onFailure?: Word;
}

interface ChooseForm extends BaseForm {
  readonly choose: {
    readonly pick?: string;
    readonly prompt?: string;
    readonly default?: string;
    readonly branches: Readonly<
      Record<
        string,
        {
          readonly title?: string;
          readonly when?: string;
          readonly steps: readonly NodeForm[];
          readonly outputs?: ValueMap;
        }
      >
    >;
  };
}

interface ParallelForm extends BaseForm {
  readonly parallel: {
    readonly branches: Readonly<
      Record<string, { readonly when?: string; readonly steps: readonly NodeForm[] }>
    >;
    readonly onFailure?: JoinRule;
  };
}

interface ForEachForm extends BaseForm {
  readonly forEach: {
    readonly in: Value;
    readonly as?: string;
    readonly key?: string;
    readonly concurrency?: number;
    readonly onFailure?: JoinRule;
    readonly tolerate?: number;
    readonly batch?: number;
    readonly confirm?: { readonly message: string; readonly type?: string; readonly onDecline?: OnFailure };
    readonly outputs?: ValueMap;
  };
  readonly steps: readonly NodeForm[];
}

interface RepeatForm extends BaseForm {
  readonly repeat: {
    readonly steps: readonly NodeForm[];
    readonly accept: string;
    readonly max?: number;
    readonly pause?: string;
  };
}

interface PhaseForm {
  readonly phase: string;
  readonly when?: string;
  readonly steps: readonly NodeForm[];
}

export type NodeForm = StepForm | CallForm | ChooseForm | PhaseForm | ParallelForm | ForEachForm | RepeatForm;

type FaultForm = PartForm | Pick<PlaybookForm, 'steps' | 'always' | 'outputs'>;

type InjectForm = ({ readonly at: string } | { readonly after: string }) &
  ({ readonly message: string } | { readonly fault: FaultForm } | { readonly answer: ValueMap });

interface PartForm {
  readonly uses: string;
  readonly with?: ValueMap;
}

export interface PlaybookForm {
  readonly id?: string;
  readonly objectives?: Playbook['objectives'];
  readonly inputs?: Readonly<
    Record<
      string,
      {
        readonly type?: InputType;
        readonly default?: Value;
        readonly check?: ConditionForm;
        readonly prompt?: string;
        readonly offers?: Readonly<Record<string, string>>;
      }
    >
  >;
  readonly detect?: readonly (ConditionForm & { readonly uses: string })[];
  readonly rehearsals?: Readonly<
    Record<
      string,
      {
        readonly fault?: FaultForm | readonly FaultForm[];
        readonly environments?: readonly string[];
        readonly injects?: readonly InjectForm[];
        readonly answers?: ValueMap;
      }
    >
  >;
  readonly steps: readonly NodeForm[];
  readonly always?: readonly NodeForm[];
  readonly outputs?: ValueMap;
  readonly let?: ValueMap;
}

export function playbook(form: PlaybookForm): Playbook {
  const id = form.id ?? 'test';
  return {
    id,
    title: id,
    summary: '',
    symptoms: [],
    links: [],
    needs: [],
    objectives: form.objectives ?? {},
    inputs: Object.entries(form.inputs ?? {}).map(([name, input]): Input => {
      const { type = 'text', prompt = name, default: preset, check, offers } = input;
      return {
        name,
        prompt,
        type,
        options: [],
        ...(offers !== undefined && {
          offers: Object.entries(offers).map(([label, each]) => ({ label, value: template(each) })),
        }),
        ...(preset !== undefined && { default: template(preset) }),
        ...(check !== undefined && { check: assertion(check) }),
        span: SPAN,
      };
    }),
    let: templateEntries(form.let).map((entry, index, all) => ({
      ...entry,
      uses: usedIn(form.let?.[entry.key], all.slice(0, index)),
    })),
    needed: new Map(),
    detect: (form.detect ?? []).map((probe) => ({
      uses: probe.uses,
      with: template(probe.with ?? {}),
      ...assertion(probe),
      span: SPAN,
    })),
    rehearsals: Object.entries(form.rehearsals ?? {}).map(
      ([name, { fault, answers, environments, injects }]) => ({
        name,
        faults: (fault === undefined ? [] : [fault].flat()).map(faultOf),
        environments: environments ?? ['sandbox'],
        injects: (injects ?? []).map(injectOf),
        answers: templateEntries(answers),
        span: SPAN,
      }),
    ),
    steps: form.steps.map(node),
    always: (form.always ?? []).map(node),
    outputs: templateEntries(form.outputs),
    file: FILE,
  };
}

const faultOf = (form: FaultForm): Fault =>
  'steps' in form
    ? { type: 'steps', playbook: playbook({ id: 'fault', ...form }), span: SPAN }
    : partOf(form);

const partOf = (form: PartForm): PartFault => ({
  type: 'part',
  uses: form.uses,
  with: template(form.with ?? {}),
  span: SPAN,
});

const injectOf = (form: InjectForm): Inject => ({
  when: 'at' in form ? { atMs: millis(form.at) } : { after: form.after },
  what:
    'message' in form
      ? { type: 'message', text: template(form.message) }
      : 'fault' in form
        ? { type: 'fault', fault: faultOf(form.fault) }
        : { type: 'answer', answers: templateEntries(form.answer) },
  span: SPAN,
});

function node(form: NodeForm): Node {
  if ('phase' in form) {
    const { phase: title, when, steps } = form;
    const id = title.toLowerCase().replaceAll(/\W+/g, '-');
    return {
      type: 'phase',
      id,
      title,
      ...maybe('when', when, expression),
      steps: steps.map(node),
      span: SPAN,
    };
  }
  const base = {
    id: form.id,
    named: true,
    title: form.title ?? form.id,
    ...maybe('when', form.when, expression),
    ...maybe('why', form.why, (text) => text),
    ...maybe('by', form.by, (role) => role),
    links: [],
    span: SPAN,
  };
  if ('playbook' in form) {
    const { playbook: called, inputs, onFailure } = form;
    return {
      ...base,
      type: 'call',
      playbook: called,
      inputs: templateEntries(inputs),
      ...maybe('onFailure', onFailure, asOnFailure),
    };
  }
  if ('choose' in form) {
    const { pick, prompt, default: preset, branches } = form.choose;
    return {
      ...base,
      type: 'choose',
      ...maybe('pick', pick, expression),
      ...maybe('prompt', prompt, template),
      ...maybe('default', preset, expression),
      branches: Object.entries(branches).map(([name, branch]): Branch => ({
        name,
        title: branch.title ?? name,
        ...maybe('when', branch.when, expression),
        steps: branch.steps.map(node),
        outputs: templateEntries(branch.outputs),
        span: SPAN,
      })),
    };
  }
  if ('parallel' in form) {
    const { branches, onFailure = 'cancel' } = form.parallel;
    return {
      ...base,
      type: 'parallel',
      onFailure,
      branches: Object.entries(branches).map(([name, branch]): Branch => ({
        name,
        title: name,
        ...maybe('when', branch.when, expression),
        steps: branch.steps.map(node),
        outputs: [],
        span: SPAN,
      })),
    };
  }
  if ('forEach' in form) {
    const {
      key,
      confirm,
      outputs,
      concurrency = 1,
      onFailure = 'cancel',
      tolerate = 0,
      ...rest
    } = form.forEach;
    return {
      ...base,
      type: 'forEach',
      in: template(rest.in),
      ...maybe('as', rest.as, (name) => name),
      ...maybe('key', key, expression),
      ...maybe('batch', rest.batch, (size) => size),
      ...maybe('confirm', confirm, asConfirm),
      ...maybe('outputs', outputs, templateEntries),
      concurrency,
      onFailure,
      tolerate,
      steps: form.steps.map(node),
    };
  }
  if ('repeat' in form) {
    const { accept, max = 10, pause = '0', steps } = form.repeat;
    return {
      ...base,
      type: 'repeat',
      accept: expression(accept),
      max,
      pauseMs: millis(pause),
      steps: steps.map(node),
    };
  }
  return { ...base, ...step(form) };
}

function step(form: StepForm): Omit<Step, 'id' | 'named' | 'title' | 'links' | 'span'> {
  const { confirm, undo, retry } = form;
  return {
    type: 'step',
    uses: form.uses,
    usesSpan: SPAN,
    with: template(form.with ?? {}),
    ...maybe('confirm', confirm, asConfirm),
    ...maybe('next', form.next, (repeat) => repeat),
    ...maybe('guard', form.guard, condition),
    require: (form.require ?? []).map(condition),
    ...maybe('until', form.until, until),
    assert: (form.assert ?? []).map(assertion),
    ...maybe('expectFailure', form.expectFailure, expression),
    outcomes: Object.entries(form.outcomes ?? {}).map(([name, that]) => ({ name, that: expression(that) })),
    record: templateEntries(form.record),
    mark: form.mark ?? [],
    rebind: templateEntries(form.rebind),
    ...maybe('expectMs', form.expect, millis),
    ...maybe('timeoutMs', form.timeout, millis),
    ...maybe('retry', retry, ({ attempts, delay = '0', backoff = 1, when }) => ({
      attempts,
      delayMs: millis(delay),
      backoff,
      ...maybe('when', when, expression),
    })),
    ...maybe('onFailure', form.onFailure, asOnFailure),
    ...maybe('undo', undo, ({ at, pay = 'auto', when, key, require = [], steps }) => ({
      at,
      ...maybe('key', key, template),
      pay,
      ...maybe('when', when, expression),
      require: require.map(condition),
      steps: steps.map(node),
    })),
    noReturn: form.noReturn ?? false,
    settles: form.settles ?? [],
    answers: (form.never ?? []).map((answer) => ({ answer, allow: 'never' as const })),
    ...maybe('prove', form.prove, (aim) => ({ with: template(aim) })),
    ...maybe('touches', form.touches, template),
    ...maybe('effect', form.effect, (effect) => effect),
    ...maybe('remind', form.remind, ({ every, until, with: changed }) => ({
      everyMs: millis(every),
      ...(until !== undefined && { until }),
      with: templateEntries(changed),
      span: SPAN,
    })),
    ...maybe('background', form.background, ({ ready, whenLost = 'fail' }) => ({
      ...maybe('ready', ready, until),
      whenLost,
    })),
    park: form.park ?? false,
    ...maybe('attach', form.attach, template),
    idempotent: form.idempotent ?? false,
    secretOutput: (form.secretOutput ?? []).map((path) =>
      typeof path === 'string' ? { path, keep: false } : path,
    ),
  };
}

function maybe<K extends string, F, T>(
  key: K,
  value: F | undefined,
  make: (value: F) => T,
): { readonly [P in K]?: T } {
  return (value === undefined ? {} : { [key]: make(value) }) as { readonly [P in K]?: T };
}

const asConfirm = ({ message, type, onDecline, approvals }: NonNullable<StepForm['confirm']>): Confirm => ({
  message: template(message),
  ...maybe('type', type, template),
  ...(onDecline !== undefined && { onDecline }),
  ...(approvals !== undefined && { approvals }),
});

function asOnFailure(form: OnFailureForm): OnFailure {
  if (typeof form !== 'object') return { do: form };
  return 'next' in form ? { do: 'next', repeat: form.next } : { do: 'branch', branch: form.branch };
}

function millis(text: string): number {
  const duration = Duration.parse(text);
  if (duration === undefined) throw new Error(`no duration: ${text}`);
  return duration.millis;
}

export const expression = (source: string): Expression => ({ source, span: SPAN });

const assertion = ({ that, else: otherwise }: ConditionForm): Assertion => ({
  that: expression(that),
  ...maybe('else', otherwise, template),
});

const condition = (form: ConditionForm): Condition => ({
  ...assertion(form),
  ...maybe('probe', form.uses, (uses) => ({ uses, with: template(form.with ?? {}) })),
});

const until = (form: UntilForm): Until => ({
  ...condition(form),
  ...maybe('failWhen', form.failWhen, expression),
  delayMs: millis(form.delay ?? '0'),
  everyMs: millis(form.every ?? '5s'),
  ...maybe('timeoutMs', form.timeout, millis),
  stable: form.stable ?? 1,
  ...maybe('show', form.show, template),
  span: SPAN,
});

/** Text with `${{ }}` becomes an expression or a text with parts, as in the YAML. */
export function template(value: Value): Template {
  if (typeof value === 'string' && value.includes('${{')) {
    const parts = value
      .split(/\$\{\{(.*?)\}\}/)
      .map((part, index) => (index % 2 === 1 ? expression(part.trim()) : part));
    const kept = parts.filter((part) => part !== '');
    const only = kept.length === 1 ? kept[0] : undefined;
    return typeof only === 'object'
      ? { type: 'expression', expression: only, span: SPAN }
      : { type: 'text', parts: kept, span: SPAN };
  }
  if (isValueList(value)) return { type: 'list', items: value.map(template), span: SPAN };
  if (isValueMap(value)) return { type: 'map', entries: templateEntries(value), span: SPAN };
  return { type: 'literal', value, span: SPAN };
}

const usedIn = (value: Value | undefined, before: readonly TemplateEntry[]): readonly string[] =>
  before.map(({ key }) => key).filter((key) => JSON.stringify(value).includes(`vars.${key}`));

const templateEntries = (form: ValueMap | undefined): TemplateEntry[] =>
  Object.entries(form ?? {}).map(([key, value]) => ({ key, value: template(value) }));
