import type { JsonObject } from '../../base/json.ts';
import { isValueList, isValueMap } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import type { ParsedExpression } from '../../expression/parse.ts';
import type { Reference, Segment } from '../../expression/references.ts';
import type { Span } from '../../source/file.ts';
import { nearest } from '../../source/nearest.ts';
import { meant } from '../report.ts';
import { closedMembers, itemOf, memberOf } from '../schemas/shape.ts';
import { within } from '../syntax/locate.ts';
import { entries, items, member, stringOf } from '../syntax/tree.ts';
import { askedTooEarly } from './let.ts';
import { ALWAYS } from './unit.ts';
import type { Condition, Place, StepSymbol, Unit } from './unit.ts';

/** Names of every place. */
const EVERYWHERE = ['env', 'run', 'now', 'vars'];

/** Names of some places, and which. */
const SOMEWHERE: Readonly<Record<string, string>> = {
  inputs: 'in steps, once they have been answered',
  steps: 'once steps have run: in later steps, in branches and in outputs',
  output:
    'after a step (assert, until, outcomes, record, rebind, undo) and in conditions with a "uses" of their own',
  error: 'in expectFailure, outcomes and retry.when',
  value: 'in the check of an input',
  fault: 'in the answers of a rehearsal and in prove',
  item: 'inside of a forEach',
  previous: 'inside of a repeat',
};

const RUN_MEMBERS = ['id', 'mode', 'operator', 'environment', 'startedAt', 'folder'];
const STEP_MEMBERS = ['output', 'outcome', 'error'];

/** What an environment may hold (schemas/environment.schema.json). */
const ENVIRONMENT_MEMBERS = [
  ...['version', 'name', 'kind', 'policy', 'publicUrl', 'render', 'aws'],
  ...['services', 'databases', 'buckets', 'hosts'],
  ...['values', 'sources', 'roles', 'channels', 'contacts', 'escalation'],
];

/** Checks that whatever an expression asks for exists, is known by then, and has the members that are asked of it. */
export function checkReferences(parsed: ParsedExpression, span: Span, unit: Unit, place: Place): void {
  for (const reference of parsed.references) {
    new ReferenceCheck(reference, parsed.source, span, unit, place).run();
  }
}

class ReferenceCheck {
  readonly #reference: Reference;
  readonly #source: string;
  readonly #span: Span;
  readonly #unit: Unit;
  readonly #place: Place;

  constructor(reference: Reference, source: string, span: Span, unit: Unit, place: Place) {
    this.#reference = reference;
    this.#source = source;
    this.#span = span;
    this.#unit = unit;
    this.#place = place;
  }

  run(): void {
    const { root, path } = this.#reference;
    if (!this.#rootIsHere()) return;
    switch (root) {
      case 'inputs':
        this.#oneOf(path[0], this.#unit.inputs, 'input');
        return;
      case 'run':
        this.#oneOf(path[0], RUN_MEMBERS, 'member of run');
        return;
      case 'env':
        this.#environment(path);
        return;
      case 'steps':
        this.#step(path);
        return;
      case 'previous':
        this.#previous(path);
        return;
      case 'output':
        this.#shape(this.#place.output, path, 'the output');
        return;
      case 'vars':
        this.#variable(path[0]);
        return;
    }
  }

  #rootIsHere(): boolean {
    const { root, start } = this.#reference;
    const span = this.#part(start, start + root.length);
    const everywhere = this.#place.everywhere ?? EVERYWHERE;
    const here = [...everywhere, ...this.#place.names, ...(this.#place.aliases ?? [])];
    if (here.includes(root)) return true;
    const where = SOMEWHERE[root];
    if (where !== undefined) {
      this.#error('DB042', span, `"${root}" is not known here, only ${where}`);
      return false;
    }
    const { inputs, symbols } = this.#unit;
    const prefix = inputs.has(root) ? 'inputs' : symbols.byId.get(root)?.named === true ? 'steps' : undefined;
    this.#error(
      'DB041',
      span,
      `There is no name "${root}"`,
      prefix === undefined ? meant(nearest(root, here)) : `Did you mean "${prefix}.${root}"?`,
    );
    return false;
  }

  #environment(path: readonly Segment[]): void {
    const first = path[0];
    if (first === undefined || !this.#oneOf(first, ENVIRONMENT_MEMBERS, 'member of an environment')) return;
    const { environment } = this.#unit;
    if (environment === undefined || this.#reference.optional) return;
    let at: Value | undefined = environment.data;
    for (const [index, segment] of path.entries()) {
      const { name } = segment;
      if (isValueMap(at) && typeof at['$ref'] === 'string') return;
      const next: Value | undefined =
        typeof name === 'number'
          ? isValueList(at)
            ? at[name]
            : undefined
          : isValueMap(at) && Object.hasOwn(at, name)
            ? at[name]
            : undefined;
      if (next === undefined) {
        if (this.#isNeeded(path.slice(0, index + 1))) return;
        const written = ['env', ...path.slice(0, index + 1).map(({ name: part }) => String(part))].join('.');
        if (this.#asks(new RegExp(String.raw`(?<!!)has\(${written.replaceAll('.', '\\.')}[.)]`))) return;
        const keys = isValueMap(at) ? Object.keys(at).filter((key) => !key.startsWith('$')) : [];
        this.#error(
          'DB070',
          this.#part(segment.start, segment.end),
          `The environment "${environment.name}" has no ${written}`,
          meant(nearest(String(name), keys)),
        );
        return;
      }
      at = next;
    }
  }

  /** Whether `needs` asks for it, or for something in it: that it is missing is told there, once. */
  #isNeeded(path: readonly Segment[]): boolean {
    const written = path.map(({ name }) => String(name)).join('.');
    const needs = items(member(this.#unit.tree, 'needs')).map((need) => stringOf(need) ?? '');
    return needs.some((need) => need === written || need.startsWith(`${written}.`));
  }

  #step(path: readonly Segment[]): void {
    const [id, part, ...members] = path;
    if (id === undefined) return;
    const { symbols } = this.#unit;
    const symbol = symbols.byId.get(String(id.name));
    if (symbol?.named !== true) {
      const names = [...symbols.byId.values()].filter(({ named }) => named).map(({ id: name }) => name);
      this.#error(
        'DB043',
        this.#part(id.start, id.end),
        `There is no step "${String(id.name)}"`,
        meant(nearest(String(id.name), names)),
      );
      return;
    }
    if (!this.#hasRun(symbol, id)) return;
    if (part === undefined) return;
    const known = symbol.isLoop ? [...STEP_MEMBERS, 'items'] : STEP_MEMBERS;
    if (!this.#oneOf(part, known, 'member of a step')) return;
    if (part.name !== 'output') return;
    this.#maybeMissing(symbol, id);
    this.#shape(symbol.output, members, `the output of "${symbol.id}"`, symbol.span);
  }

  /** What a `let` asks of steps must be known where its value is used. */
  #variable(segment: Segment | undefined): void {
    const all = entries(member(this.#unit.tree, 'let'));
    const known = this.#place.vars ?? all.map(({ key }) => key);
    if (segment === undefined || !this.#oneOf(segment, known, 'value of let')) return;
    const at = all.findIndex(({ key }) => key === segment.name);
    const found = all[at];
    if (found === undefined) return;
    const vars = all.slice(0, at).map(({ key }) => key);
    for (const message of askedTooEarly(found.value, this.#unit, { ...this.#place, vars })) {
      this.#unit.report.error('DB044', this.#whole, `${message} (in "let")`, {
        related: [{ message: `"${found.key}" is here`, span: found.keySpan }],
      });
    }
  }

  /** The round before: its number and its steps. */
  #previous(path: readonly Segment[]): void {
    const [part, id] = path;
    if (!this.#oneOf(part, ['round', 'steps'], 'member of previous') || part?.name !== 'steps') return;
    const names = [...this.#unit.symbols.byId.values()].filter(({ named }) => named).map((step) => step.id);
    this.#oneOf(id, names, 'step');
  }

  #hasRun(symbol: StepSymbol, id: Segment): boolean {
    const { position } = this.#place;
    const there = symbol.order;
    const sameOrder = there.region === position.region;
    const related = [{ message: `"${symbol.id}" is here`, span: symbol.span }];
    const span = this.#part(id.start, id.end);
    if (there.region.startsWith('undo') && !sameOrder) {
      this.#unit.report.error(
        'DB044',
        span,
        `"${symbol.id}" is part of an undo and cannot be asked from here`,
        {
          related,
        },
      );
      return false;
    }
    const beside = this.#besides(symbol);
    if (beside !== undefined) {
      this.#unit.report.error('DB044', span, beside, { related });
      return false;
    }
    const comesLater = sameOrder
      ? symbol.end >= position.index
      : position.region !== ALWAYS && (there.region === ALWAYS || symbol.end > position.index);
    if (!comesLater) return true;
    const self = there.index <= position.index && position.index <= symbol.end;
    const message = self
      ? `"${symbol.id}" has not ended here, so its output is not known`
      : `The step "${symbol.id}" runs later than this`;
    this.#unit.report.error('DB044', span, message, { related });
    return false;
  }

  /** Why a step in a loop or in another branch is not known here, if so. */
  #besides({ id, order }: StepSymbol): string | undefined {
    const { loops = [], lanes = [] } = this.#place.position;
    const loop = order.loops?.find((name, depth) => loops[depth] !== name);
    if (loop !== undefined) {
      return `"${id}" runs for each item of "${loop}": outside of the loop, ask steps.${loop}.items`;
    }
    const other = order.lanes?.find((lane) => {
      const [owner = ''] = lane.split(' ');
      return !lanes.includes(lane) && lanes.some((own) => own.startsWith(`${owner} `));
    });
    return other === undefined ? undefined : `"${id}" runs side by side with this, in another branch`;
  }

  #maybeMissing(symbol: StepSymbol, id: Segment): void {
    if (this.#reference.optional) return;
    const { position } = this.#place;
    const shared = new Set(position.conditions.map(({ key }) => key));
    const missing: Condition[] = symbol.mayMiss.filter(({ key }) => !shared.has(key));
    if (position.region === ALWAYS && symbol.order.region !== ALWAYS) {
      missing.unshift({ key: 'always', text: 'the run ends before it' });
    }
    const [first] = missing;
    if (first === undefined || this.#asksFirst(symbol.id)) return;
    this.#unit.report.warning(
      'DB046',
      this.#part(id.start, id.end),
      `"${symbol.id}" has no output when ${first.text}`,
      {
        related: [{ message: `"${symbol.id}" is here`, span: symbol.span }],
        hint: `Ask with has(steps.${symbol.id}.output), or steps.${symbol.id}.?output.`,
      },
    );
  }

  /** Whether this expression, or a condition that it stands under, asks first if there is an output. */
  #asksFirst(id: string): boolean {
    return this.#asks(
      new RegExp(String.raw`(?<!!)has\(steps\.${id}\.output|steps\.${id}\.outcome\s*==\s*["']succeeded["']`),
    );
  }

  #asks(question: RegExp): boolean {
    const { conditions } = this.#place.position;
    return [this.#source, ...conditions.map(({ text }) => text)].some(
      (text) => !text.includes('||') && question.test(text),
    );
  }

  /** Follows members through a schema, as far as it says what there is. */
  #shape(schema: JsonObject | undefined, path: readonly Segment[], owner: string, related?: Span): void {
    let at = schema;
    for (const segment of path) {
      if (at === undefined) return;
      if (typeof segment.name === 'number') {
        at = itemOf(at);
        continue;
      }
      const next = memberOf(at, segment.name);
      const known = closedMembers(at);
      if (next === undefined && known !== undefined && !known.includes(segment.name)) {
        this.#unit.report.error(
          'DB043',
          this.#part(segment.start, segment.end),
          `${owner.charAt(0).toUpperCase()}${owner.slice(1)} has no "${segment.name}"`,
          {
            hint:
              meant(nearest(segment.name, known)) ??
              (known.length === 0 ? undefined : `It has ${known.join(', ')}.`),
            ...(related === undefined ? {} : { related: [{ message: 'the step is here', span: related }] }),
          },
        );
        return;
      }
      at = next;
    }
  }

  #oneOf(segment: Segment | undefined, names: Iterable<string>, what: string): boolean {
    if (segment === undefined) return true;
    const known = [...names];
    const name = String(segment.name);
    if (known.includes(name)) return true;
    this.#error(
      'DB043',
      this.#part(segment.start, segment.end),
      `There is no ${what} "${name}"`,
      meant(nearest(name, known)) ??
        (known.length > 0 && known.length <= 8 ? `There is ${known.join(', ')}.` : undefined),
    );
    return false;
  }

  get #whole(): Span {
    return this.#part(this.#reference.start, this.#reference.end);
  }

  #part(start: number, end: number): Span {
    return within(this.#span, this.#source, start, end);
  }

  #error(code: string, span: Span, message: string, hint?: string): void {
    this.#unit.report.error(code, span, message, { hint });
  }
}
