import type { JsonObject } from '../../base/json.ts';
import type { Fact } from '../../expression/facts.ts';
import type { Environment } from '../../model/environment.ts';
import type { ContextName } from '../../model/names.ts';
import type { Node, Playbook } from '../../model/playbook.ts';
import type { SourceFile, Span } from '../../source/file.ts';
import type { Report } from '../report.ts';
import type { KindSchema } from '../schemas/kind-schema.ts';
import type { Tree, TreeScalar } from '../syntax/tree.ts';
import type { ErrorCodes } from './codes.ts';

/** One playbook while it is being resolved, and what was loaded for it beforehand. */
export interface Unit {
  readonly file: SourceFile;
  readonly tree: Tree;
  readonly report: Report;
  /** Of every kind that the playbook uses; undefined for one that does not exist. */
  readonly kinds: ReadonlyMap<string, KindSchema | undefined>;
  readonly faults: ReadonlyMap<string, KindSchema | undefined>;
  readonly kindNames: { readonly steps: readonly string[]; readonly faults: readonly string[] };
  /** Of every playbook that it calls; undefined for one that could not be loaded, which has been reported. */
  readonly calls: ReadonlyMap<string, Playbook | undefined>;
  /** Its named groups of steps, each loaded when it is first called. */
  readonly part: (name: string, caller: Span) => Playbook | undefined;
  readonly partNames: readonly string[];
  /** Reports what is wrong in a value in which expressions may stand. */
  readonly checkTemplate: (tree: Tree, unit: Unit, place: ExpressionPlace) => void;
  readonly environment: Environment | undefined;
  readonly inputs: ReadonlySet<string>;
  readonly symbols: Symbols;
  /** Filled while it is resolved: what later steps ask of the outputs of which steps, come what may. */
  readonly needed: Map<string, Set<string>>;
  readonly watcher?: Watcher | undefined;
}

/** Told, while a playbook is resolved, what is known where: an editor offers it. */
export interface Watcher {
  /** A playbook or one of its parts, before its steps are looked at. */
  unit(unit: Unit): void;
  /** A value in which an expression may stand; `bare`: that is one as a whole. */
  value(tree: TreeScalar, bare: boolean, unit: Unit, place: ExpressionPlace): void;
}

/** Every step by its id, and in what order they run. */
export interface Symbols {
  readonly byId: ReadonlyMap<string, StepSymbol>;
  /** By the step's tree: a step without an id is found too. */
  readonly byTree: ReadonlyMap<Tree, StepSymbol>;
  /** The step that stands beside a `forEach`, as it is inside of the loop. */
  readonly inLoop: ReadonlyMap<Tree, StepSymbol>;
  /** By the id of a `repeat`: the steps that may end its round. */
  readonly roundEnds: ReadonlyMap<string, readonly Condition[]>;
}

export interface StepSymbol {
  readonly id: string;
  readonly named: boolean;
  /** Where its id stands, or its `uses`. */
  readonly span: Span;
  readonly order: Position;
  /** After everything inside of it, for a `choose`. */
  readonly end: number;
  /** Schema of its output; undefined when nothing is known of it. */
  readonly output: JsonObject | undefined;
  /** What may keep it from leaving an output. */
  readonly mayMiss: readonly Condition[];
  /** What may keep its own `output` from being there, where the step itself asks for it. */
  readonly own: Readonly<Record<'record' | 'rebind' | 'undo', readonly Condition[]>>;
  /** Outcomes that leave no output, and those that leave an error. */
  readonly silent: ReadonlySet<string>;
  readonly failing: ReadonlySet<string>;
  /** Its undo is a debt or is taken back: it can be settled. */
  readonly hasUndo: boolean;
  /** Its undo is a debt. */
  readonly owes: boolean;
  /** What its error, and those of its items, can be. */
  readonly codes: ErrorCodes | undefined;
  /** Of a loop one can ask for its items. */
  readonly isLoop: boolean;
}

/** Where something stands in the order of a run. */
export interface Position {
  /** Grows along the text. */
  readonly index: number;
  /** Steps of an undo are seen from inside of it alone. */
  readonly region: string;
  /** Loops around it, outermost first: outside of them their steps are not known. */
  readonly loops?: readonly string[];
  /** Branches of `parallel` around it, each as `<id> <branch>`. */
  readonly lanes?: readonly string[];
  /** Conditions under which this place is reached at all. */
  readonly conditions: readonly Condition[];
}

/** Something that need not be so: a `when`, a branch that need not be chosen. */
export interface Condition {
  /** Equal for two places under the same condition. */
  readonly key: string;
  /** The expression that has to hold, where it is one. */
  readonly source?: string;
  /** Completes «it has no output when …». */
  readonly text: string;
}

/** What an expression may ask for where it stands. */
export interface ExpressionPlace {
  readonly position: Position;
  readonly names: ReadonlySet<ContextName>;
  /** Names that need no step; those of a run, when absent. */
  readonly everywhere?: readonly string[];
  /** How many values of `let` are known here; all of them, when absent. */
  readonly vars?: number;
  /** What loops around call their items. */
  readonly aliases?: readonly string[];
  /** Rounds around it that can be ended. */
  readonly repeats?: readonly string[];
  /** What `error` can be, where that is a name here. */
  readonly codes?: ErrorCodes | undefined;
  /** Schema of `output`, when that is a name here and its form is known. */
  readonly output?: JsonObject | undefined;
  /** A value of `let`, checked where it is defined or for a place that uses it: what is missing is told where it is used. */
  readonly inLet?: 'defined' | 'used';
  /** What the expression that uses a value of `let` has asked before it does. */
  readonly askedFirst?: readonly Fact[];
  /** When that `output` may not be there. */
  readonly outputMayMiss?: readonly Condition[];
  /** The step that keeps what it says here, whoever did it. */
  readonly recording?: string;
}

/** Resolves the steps inside of a step: whatever holds steps is handed it. `branches`: those of the choices around. */
export type ResolveNodes = (
  tree: Tree | undefined,
  unit: Unit,
  place: ExpressionPlace,
  branches: readonly string[],
) => readonly Node[];

export const at = (position: Position, ...names: readonly ContextName[]): ExpressionPlace => ({
  position,
  names: new Set(names),
});

/** A place in the order of steps: inputs and earlier steps are known, and what is named. */
export const during = (position: Position, ...names: readonly ContextName[]): ExpressionPlace =>
  at(position, 'inputs', 'steps', ...names);

export const MAIN = 'main';
export const ALWAYS = 'always';

/** Before the first step, and after the last. */
export const START: Position = { index: 0, region: MAIN, conditions: [] };
export const END: Position = { index: Number.MAX_SAFE_INTEGER, region: MAIN, conditions: [] };
