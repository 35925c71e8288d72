import type { JsonObject } from '../../base/json.ts';
import type { Playbook } from '../../model/playbook.ts';
import { placedSteps } from '../../model/walk.ts';
import type { Span } from '../../source/file.ts';
import type { Report } from '../report.ts';
import type { KindSchema } from '../schemas/kind-schema.ts';
import { entries, entry, items, member, stringOf } from '../syntax/tree.ts';
import type { Tree } from '../syntax/tree.ts';
import { codesIn } from './codes.ts';
import { branchCondition, conditionOf, reasonsOf } from './reasons.ts';
import { secretOutputOf, withSecrets } from './secret-output.ts';
import { ALWAYS, MAIN } from './unit.ts';
import type { Condition, Position, StepSymbol, Symbols } from './unit.ts';

interface Known {
  readonly kinds: ReadonlyMap<string, KindSchema | undefined>;
  readonly calls: ReadonlyMap<string, Playbook | undefined>;
  /** The playbook's `parts`. */
  readonly parts: Tree | undefined;
}

const ID = /^[a-z][A-Za-z0-9]*$/;

/** Words that an expression could not ask for: `steps.in` does not parse, `steps.constructor` is something else. */
const RESERVED = new Set(['true', 'false', 'null', 'in', 'constructor', 'prototype', 'toString', 'valueOf']);

/** Finds every step, gives names to those without, and puts them in order. */
export function outline(tree: Tree, known: Known, report: Report): Symbols {
  const outliner = new Outliner(known, report);
  outliner.nodes(member(tree, 'steps'), { index: 0, region: MAIN, conditions: [] });
  outliner.nodes(member(tree, 'always'), { index: 0, region: ALWAYS, conditions: [] });
  return outliner.symbols;
}

class Outliner {
  readonly #known: Known;
  readonly #report: Report;
  readonly #byId = new Map<string, StepSymbol>();
  readonly #byTree = new Map<Tree, StepSymbol>();
  readonly #inLoop = new Map<Tree, StepSymbol>();
  readonly #roundEnds = new Map<string, readonly Condition[]>();
  /** Where the round that is walked through may have ended. */
  #ends: readonly Condition[] = [];
  #roundsAround = 0;
  #next = 0;

  constructor(known: Known, report: Report) {
    this.#known = known;
    this.#report = report;
  }

  get symbols(): Symbols {
    return { byId: this.#byId, byTree: this.#byTree, inLoop: this.#inLoop, roundEnds: this.#roundEnds };
  }

  nodes(tree: Tree | undefined, around: Position): void {
    for (const node of items(tree)) if (node.type === 'map') this.#node(node, around);
  }

  #node(node: Tree, around: Position): void {
    const index = ++this.#next;
    const when = conditionOf(node);
    const conditions = [...around.conditions, ...this.#ends, ...(when === undefined ? [] : [when])];
    if (member(node, 'phase') !== undefined) {
      this.nodes(member(node, 'steps'), { ...around, conditions });
      return;
    }
    const id = this.#idOf(node, index);
    const choose = member(node, 'choose');
    for (const { key, value } of entries(member(choose, 'branches'))) {
      const branch = branchCondition(id.name, key, choose);
      const offered = conditionOf(value);
      this.nodes(member(value, 'steps'), {
        ...around,
        conditions: [...conditions, ...(offered === undefined ? [] : [offered]), branch],
      });
    }
    const loops = member(node, 'forEach') === undefined ? around.loops : [...(around.loops ?? []), id.name];
    const inside: Position = { ...around, conditions, ...(loops !== undefined && { loops }) };
    this.#blocks(node, id.name, inside);
    const undo = member(node, 'undo');
    const owesInside = this.#roundsAround === 0 && this.#owesInside(node, inside);
    const reasons = reasonsOf(node, this.#known.kinds.get(stringOf(member(node, 'uses')) ?? ''));
    const symbol: StepSymbol = {
      id: id.name,
      named: id.named,
      span: id.span,
      order: { ...around, index, conditions },
      end: isBlock(node) ? ++this.#next : index,
      output: this.#outputOf(node),
      ...reasons,
      mayMiss: [...conditions, ...reasons.mayMiss],
      hasUndo: undo !== undefined || owesInside,
      owes: stringOf(member(undo, 'at')) === 'exit' || owesInside,
      codes: codesIn(node, this.#known),
      isLoop: member(node, 'forEach') !== undefined,
    };
    this.#byTree.set(node, symbol);
    if (symbol.isLoop && member(node, 'uses') !== undefined) {
      const order = { ...inside, index };
      this.#inLoop.set(node, { ...symbol, order, end: index, output: this.#kindOutput(node), isLoop: false });
    }
    this.#declare(symbol);
    if (endsRound(node)) {
      const key = `end ${id.name}`;
      this.#ends = [...this.#ends, { key, text: `its round ends with "${id.name}"` }];
    }
    // The undo of a single step is about its item, that of a loop over several about the loop.
    const owing = member(node, 'steps') === undefined ? inside : { ...around, conditions };
    this.nodes(member(undo, 'steps'), { ...owing, region: `undo ${id.name}` });
  }

  /** Whether the playbook that it calls owes something at the end: of a call that is made once it can be told which debts are meant. */
  #owesInside(node: Tree, { loops, lanes }: Position): boolean {
    if (stringOf(member(node, 'uses')) !== 'playbook' || loops !== undefined || lanes !== undefined)
      return false;
    const called = this.#known.calls.get(stringOf(member(member(node, 'with'), 'playbook')) ?? '');
    return called !== undefined && owesSomething(called);
  }

  /** What branches side by side, loops and rounds hold. */
  #blocks(node: Tree, id: string, inside: Position): void {
    for (const { key, value } of entries(member(member(node, 'parallel'), 'branches'))) {
      const when = conditionOf(value);
      this.nodes(member(value, 'steps'), {
        ...inside,
        lanes: [...(inside.lanes ?? []), `${id} ${key}`],
        conditions: when === undefined ? inside.conditions : [...inside.conditions, when],
      });
    }
    if (member(node, 'repeat') !== undefined) this.#rounds(node, id, inside);
    if (member(node, 'forEach') !== undefined) this.nodes(member(node, 'steps'), inside);
  }

  /** After a step that ends its round nothing of it is done any more. */
  #rounds(node: Tree, id: string, inside: Position): void {
    const around = this.#ends;
    this.#ends = [];
    this.#roundsAround++;
    this.nodes(member(member(node, 'repeat'), 'steps'), inside);
    this.#roundsAround--;
    this.#roundEnds.set(id, this.#ends);
    this.#ends = around;
  }

  #idOf(node: Tree, index: number): { readonly name: string; readonly named: boolean; readonly span: Span } {
    const written = member(node, 'id');
    const name = stringOf(written);
    if (written === undefined || name === undefined) {
      const span = entry(node, 'uses')?.keySpan ?? node.span;
      return { name: `step${String(index)}`, named: false, span };
    }
    if (!ID.test(name)) {
      this.#report.error('DB051', written.span, `"${name}" cannot be an id`, {
        hint: `Ids begin with a small letter and have letters and digits only: ${suggestId(name)}.`,
      });
    } else if (RESERVED.has(name)) {
      this.#report.error(
        'DB051',
        written.span,
        `"${name}" cannot be an id: the word means something else in expressions`,
      );
    }
    return { name, named: true, span: written.span };
  }

  #declare(symbol: StepSymbol): void {
    const first = this.#byId.get(symbol.id);
    if (first === undefined) {
      this.#byId.set(symbol.id, symbol);
    } else if (symbol.named) {
      this.#report.error('DB050', symbol.span, `The id "${symbol.id}" is taken`, {
        related: [{ message: 'by the step here', span: first.span }],
      });
    }
  }

  #outputOf(node: Tree): JsonObject | undefined {
    if (member(node, 'choose') !== undefined) return branchOutputs(node);
    if (member(node, 'forEach') !== undefined) return LOOP_OUTPUT;
    if (member(node, 'repeat') !== undefined) return ROUNDS_OUTPUT;
    if (member(node, 'parallel') !== undefined) return closed([]);
    // It goes on: there is nothing yet that it could give.
    if (member(node, 'background') !== undefined) return closed([]);
    return this.#kindOutput(node);
  }

  #kindOutput(node: Tree): JsonObject | undefined {
    const uses = stringOf(member(node, 'uses')) ?? '';
    if (uses === 'part') {
      const part = member(this.#known.parts, stringOf(member(member(node, 'with'), 'part')) ?? '');
      return part === undefined ? undefined : closed(entries(member(part, 'outputs')).map(({ key }) => key));
    }
    if (uses !== 'playbook') {
      const output = this.#known.kinds.get(uses)?.output;
      return withSecrets(membersOf(output, member(node, 'with')), secretOutputOf(node, output));
    }
    const called = this.#known.calls.get(stringOf(member(member(node, 'with'), 'playbook')) ?? '');
    return called === undefined ? undefined : closed(called.outputs.map(({ key }) => key));
  }
}

function branchOutputs(node: Tree): JsonObject {
  const names = entries(member(member(node, 'choose'), 'branches')).flatMap(({ value }) =>
    entries(member(value, 'outputs')).map(({ key }) => key),
  );
  return closed(names);
}

/** Where the schema says that an output has the members of an argument. */
function membersOf(output: JsonObject | undefined, args: Tree | undefined): JsonObject | undefined {
  const argument = output?.['x-members-of'];
  return typeof argument === 'string'
    ? closed(entries(member(args, argument)).map(({ key }) => key))
    : output;
}

function owesSomething(playbook: Playbook): boolean {
  for (const { node } of placedSteps(playbook)) {
    const undo = node.type === 'forEach' ? node.whole?.undo : 'undo' in node ? node.undo : undefined;
    if (undo?.at === 'exit') return true;
  }
  return false;
}

const BLOCKS = ['choose', 'parallel', 'forEach', 'repeat'];

const isBlock = (node: Tree): boolean => BLOCKS.some((name) => member(node, name) !== undefined);

const endsRound = (node: Tree): boolean =>
  member(node, 'next') !== undefined ||
  member(member(node, 'onFailure'), 'next') !== undefined ||
  member(member(member(node, 'confirm'), 'onDecline'), 'next') !== undefined;

const NUMBER: JsonObject = { type: 'integer' };

const LOOP_OUTPUT: JsonObject = {
  type: 'object',
  properties: { count: NUMBER, succeeded: NUMBER, failed: NUMBER },
  additionalProperties: false,
};

const ROUNDS_OUTPUT: JsonObject = {
  type: 'object',
  properties: { rounds: NUMBER },
  additionalProperties: false,
};

const closed = (names: readonly string[]): JsonObject => ({
  type: 'object',
  properties: Object.fromEntries(names.map((name) => [name, {}])),
  additionalProperties: false,
});

function suggestId(name: string): string {
  const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  const camel = words.map((word, index) =>
    index === 0 ? word.charAt(0).toLowerCase() + word.slice(1) : word.charAt(0).toUpperCase() + word.slice(1),
  );
  const id = camel.join('').replace(/^[0-9]+/, '');
  return ID.test(id) ? id : 'restoreDatabase';
}
