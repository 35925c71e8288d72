import { isValueList, isValueMap } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import type { ParsedExpression } from '../../expression/parse.ts';
import type { Fact } from '../../expression/facts.ts';
import type { NamePath } from '../../expression/path.ts';
import type { Reference, Segment } from '../../expression/references.ts';
import { isHandle } from '../../model/handle.ts';
import {
  EVERYWHERE,
  LOOP_MEMBERS,
  PREVIOUS_MEMBERS,
  RESULT_MEMBERS,
  RUN_MEMBERS,
  SOMEWHERE,
} from '../../model/names.ts';
import type { ContextName } from '../../model/names.ts';
import type { Span } from '../../source/file.ts';
import { nearest } from '../../source/nearest.ts';
import { meant } from '../report.ts';
import { closedMembers } from '../schemas/shape.ts';
import { fileSchema } from '../stepschema.ts';
import { MISSING_ENTRY, letValues, toldAtUse } from './let.ts';
import { isNeeded } from './needs.ts';
import { whyUnknown } from './order.ts';
import {
  isLeft,
  isThere,
  knownAt,
  whenNoError,
  whenNoOutput,
  whenNoOwnOutput,
  whenNotBefore,
} from './presence.ts';
import { ReferenceReport } from './reference-report.ts';
import type { ExpressionPlace, StepSymbol, Unit } from './unit.ts';

/** What an environment may hold: its schema says so. */
let environment: readonly string[] | undefined;
const environmentMembers = (): readonly string[] =>
  (environment ??= closedMembers(fileSchema('environment').schema) ?? []);

/** Checks that whatever an expression asks for exists, is known by then, and has the members that are asked of it. */
export function checkReferences(
  parsed: ParsedExpression,
  span: Span,
  unit: Unit,
  place: ExpressionPlace,
): void {
  const say = new ReferenceReport(unit.report, span, parsed.source);
  for (const reference of parsed.references) new ReferenceCheck(reference, say, unit, place).run();
}

class ReferenceCheck {
  readonly #reference: Reference;
  readonly #say: ReferenceReport;
  readonly #unit: Unit;
  readonly #place: ExpressionPlace;

  constructor(reference: Reference, say: ReferenceReport, unit: Unit, place: ExpressionPlace) {
    this.#reference = reference;
    this.#say = say;
    this.#unit = unit;
    this.#place = place;
  }

  run(): void {
    const { root, path } = this.#reference;
    if (!this.#rootIsHere()) return;
    switch (root) {
      case 'inputs':
        this.#say.oneOf(path[0], this.#unit.inputs, 'input');
        return;
      case 'run':
        this.#say.oneOf(path[0], Object.keys(RUN_MEMBERS), 'member of run');
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
        this.#ownOutput(path);
        return;
      case 'vars':
        this.#variable(path[0]);
        return;
    }
  }

  #rootIsHere(): boolean {
    const { root, start } = this.#reference;
    const { names, everywhere = EVERYWHERE, aliases = [] } = this.#place;
    if (everywhere.includes(root) || (names as ReadonlySet<string>).has(root) || aliases.includes(root))
      return true;
    const span = this.#say.part(start, start + root.length);
    const where = Object.hasOwn(SOMEWHERE, root) ? SOMEWHERE[root as ContextName] : undefined;
    if (where !== undefined) {
      this.#say.error('DB042', span, `"${root}" is not known here, only ${where}`);
      return false;
    }
    if (EVERYWHERE.some((name) => name === root)) {
      this.#say.error('DB042', span, `"${root}" is not known here, only in what is evaluated in a run`);
      return false;
    }
    const { inputs, symbols } = this.#unit;
    const prefix = inputs.has(root) ? 'inputs' : symbols.byId.get(root)?.named === true ? 'steps' : undefined;
    this.#say.error(
      'DB041',
      span,
      `There is no name "${root}"`,
      prefix === undefined
        ? meant(nearest(root, [...everywhere, ...names, ...aliases]))
        : `Did you mean "${prefix}.${root}"?`,
    );
    return false;
  }

  #environment(path: readonly Segment[]): void {
    const first = path[0];
    if (first === undefined || !this.#say.oneOf(first, environmentMembers(), 'member of an environment'))
      return;
    const { environment } = this.#unit;
    if (environment === undefined || this.#reference.optional) return;
    let at: Value | undefined = environment.data;
    for (const [index, segment] of path.entries()) {
      const { name } = segment;
      if (isHandle(at)) {
        this.#insideOfSecret(path.slice(0, index), segment);
        return;
      }
      const next: Value | undefined =
        typeof name === 'number'
          ? isValueList(at)
            ? at[name]
            : undefined
          : isValueMap(at) && Object.hasOwn(at, name)
            ? at[name]
            : undefined;
      if (next === undefined) {
        if (this.#place.inLet === 'defined' || isNeeded(path.slice(0, index + 1), this.#unit)) return;
        const names = ['env', ...path.slice(0, index + 1).map(({ name: part }) => part)];
        if (isThere(names, this.#known, this.#unit)) return;
        const written = names.join('.');
        const keys = isValueMap(at) ? Object.keys(at).filter((key) => !key.startsWith('$')) : [];
        this.#say.error(
          MISSING_ENTRY,
          this.#say.part(segment.start, segment.end),
          `The environment "${environment.name}" has no ${written}`,
          meant(nearest(String(name), keys)),
        );
        return;
      }
      at = next;
    }
  }

  /** Of a secret nothing is known but where it is read from. */
  #insideOfSecret(path: readonly Segment[], segment: Segment): void {
    const written = ['env', ...path.map(({ name }) => String(name))].join('.');
    this.#say.error(
      'DB101',
      this.#say.part(segment.start, segment.end),
      `"${written}" is a secret, so nothing can be asked of it`,
      'An object with "env" or "file" alone says where a secret is read from: call a value otherwise.',
    );
  }

  #step(path: readonly Segment[]): void {
    const [id, part, ...members] = path;
    if (id === undefined) return;
    const { symbols } = this.#unit;
    const symbol = symbols.byId.get(String(id.name));
    if (symbol?.named !== true) {
      const names = [...symbols.byId.values()].filter(({ named }) => named).map(({ id: name }) => name);
      this.#say.error(
        'DB043',
        this.#say.part(id.start, id.end),
        `There is no step "${String(id.name)}"`,
        meant(nearest(String(id.name), names)),
      );
      return;
    }
    if (!this.#hasRun(symbol, id)) return;
    if (part === undefined) return;
    if (!this.#resultOf(symbol, part)) return;
    if (part.name === 'error') this.#noError(symbol, id, ['steps', symbol.id]);
    if (part.name !== 'output') return;
    this.#maybeMissing(symbol, id, members);
    this.#say.shape(symbol.output, members, `the output of "${symbol.id}"`, symbol.span);
  }

  /** What a `let` asks of steps and of the environment must be known where its value is used. */
  #variable(segment: Segment | undefined): void {
    if (segment === undefined) return;
    const all = letValues(this.#unit);
    const found = all.get(String(segment.name));
    const known = this.#place.vars ?? all.size;
    if (found === undefined || found.index >= known) {
      this.#say.oneOf(segment, [...all.keys()].slice(0, known), 'value of let');
      return;
    }
    // By another value of let: whoever uses that one is told of both.
    if (this.#place.inLet !== undefined) return;
    const place = { ...this.#place, askedFirst: this.#reference.facts };
    for (const told of toldAtUse(found, this.#unit, place)) {
      const { code, message, severity } = told;
      if (code === MISSING_ENTRY) this.#unit.report.add([told]);
      else
        this.#unit.report[severity](code, this.#whole, `${message} (in "let")`, {
          related: [{ message: `"${found.key}" is here`, span: found.keySpan }],
        });
    }
  }

  /** The round before: its number and its steps. */
  #previous(path: readonly Segment[]): void {
    const [part, id, member, ...members] = path;
    if (!this.#say.oneOf(part, PREVIOUS_MEMBERS, 'member of previous') || part?.name !== 'steps') return;
    const names = [...this.#unit.symbols.byId.values()].filter(({ named }) => named).map((step) => step.id);
    if (!this.#say.oneOf(id, names, 'step') || id === undefined || member === undefined) return;
    const symbol = this.#unit.symbols.byId.get(String(id.name));
    if (symbol === undefined || !this.#resultOf(symbol, member)) return;
    const root = ['previous', 'steps', symbol.id];
    if (member.name === 'error') this.#noError(symbol, id, root);
    if (member.name !== 'output') return;
    if (!this.#isAsked()) {
      this.#say.missing(whenNotBefore(symbol, this.#known, this.#place, this.#unit), id, {
        owner: `"${symbol.id}" has no output in the round before`,
        name: `${root.join('.')}.output`,
        symbol,
      });
    }
    this.#say.shape(symbol.output, members, `the output of "${symbol.id}"`, symbol.span);
  }

  #resultOf(symbol: StepSymbol, part: Segment): boolean {
    return this.#say.oneOf(part, symbol.isLoop ? LOOP_MEMBERS : RESULT_MEMBERS, 'member of a step');
  }

  #noError(symbol: StepSymbol, id: Segment, root: NamePath): void {
    if (this.#isAsked()) return;
    this.#say.missing(whenNoError(symbol, root, this.#known), id, {
      owner: `"${symbol.id}" has no error`,
      name: `${root.join('.')}.error`,
      symbol,
    });
  }

  /** In what a step records, replaces or takes back. */
  #ownOutput(path: readonly Segment[]): void {
    const [first] = path;
    if (first !== undefined && !this.#isAsked()) {
      if (this.#place.recording !== undefined) this.#need(this.#place.recording, first);
      this.#say.missing(whenNoOwnOutput(this.#known, this.#place), first, {
        owner: 'There is no output',
        name: `output.${String(first.name)}`,
      });
    }
    this.#say.shape(this.#place.output, path, 'the output');
  }

  #hasRun(symbol: StepSymbol, id: Segment): boolean {
    const why = whyUnknown(symbol, this.#place.position);
    if (why === undefined) return true;
    this.#unit.report.error('DB044', this.#say.part(id.start, id.end), why, {
      related: [{ message: `"${symbol.id}" is here`, span: symbol.span }],
    });
    return false;
  }

  #maybeMissing(symbol: StepSymbol, id: Segment, members: readonly Segment[]): void {
    if (this.#isAsked() || isLeft(symbol, ['steps', symbol.id], this.#known)) return;
    this.#need(symbol.id, members[0]);
    this.#say.missing(whenNoOutput(symbol, this.#known, this.#place, this.#unit), id, {
      owner: `"${symbol.id}" has no output`,
      name: `steps.${symbol.id}.output`,
      symbol,
    });
  }

  /** It may be missing here, or is told elsewhere. */
  #isAsked(): boolean {
    return this.#reference.optional || this.#place.inLet === 'defined';
  }

  /** Whoever does the step by hand has to say it. Of a loop it is the run itself that says it. */
  #need(id: string, member: Segment | undefined): void {
    const { needed, symbols } = this.#unit;
    if (symbols.byId.get(id)?.isLoop === true) return;
    const names = needed.get(id) ?? new Set<string>();
    needed.set(id, typeof member?.name === 'string' ? names.add(member.name) : names);
  }

  get #known(): readonly Fact[] {
    return knownAt(this.#reference, this.#place);
  }

  get #whole(): Span {
    return this.#say.part(this.#reference.start, this.#reference.end);
  }
}
