import type { Value, ValueMap } from '../base/value.ts';
import type { StepKind, StepTable } from '../model/kind.ts';
import { STEP_KINDS } from './table.ts';

export { STEP_KINDS };

/** The kind that tells people something, for whoever tells them outside of a playbook. */
export const TELLING = 'notify';

/** What the schemas of kinds say of a resolved `with`. */
export interface ArgsSchemas {
  /** Problems of it, as `path: message`; empty when it is valid. */
  readonly validateArgs: (kind: string, args: Value) => Promise<readonly string[]>;
  /** The same arguments in the one form that the kind's type says. */
  readonly readArgs: (kind: string, args: ValueMap) => ValueMap;
}

/**
 * The table as the interpreter sees it. A kind is loaded when a playbook uses it, and no other.
 *
 * @param own kinds of a user's own, by their names, loaded before
 */
export function createStepTable(
  { validateArgs, readArgs }: ArgsSchemas,
  own: ReadonlyMap<string, StepKind> = new Map(),
): StepTable {
  return {
    async load(name) {
      const outside = own.get(name);
      if (outside !== undefined) return readingArgs(outside, (args) => readArgs(name, args));
      const load = Object.hasOwn(STEP_KINDS, name) ? STEP_KINDS[name] : undefined;
      if (load === undefined) throw new Error(`there is no step kind "${name}"`);
      return readingArgs(await load(), (args) => readArgs(name, args));
    },
    validate: validateArgs,
    async needs(kind, args, environment) {
      const { needsOf } = await import('./context/needs.ts');
      return needsOf(kind, args, environment);
    },
    async lookFor(need, secrets, signal) {
      const { lookFor } = await import('./context/needs.ts');
      return lookFor(need, secrets, signal);
    },
    async identify(use, environment, secrets, signal) {
      const { identify } = await import('./environment/identity.ts');
      return identify(use, environment, secrets, signal);
    },
  };
}

/** The kind as it is, but that each of its methods, which all take the arguments first, gets them as `read` gives them. */
function readingArgs(kind: StepKind, read: (args: ValueMap) => ValueMap): StepKind {
  const known = new WeakMap<ValueMap, ValueMap>();
  const readOnce = (args: ValueMap): ValueMap => {
    const found = known.get(args) ?? read(args);
    known.set(args, found);
    return found;
  };
  const members = Object.entries(kind).map(([name, member]: [string, unknown]) => [
    name,
    typeof member === 'function'
      ? (args: ValueMap, ...others: unknown[]): unknown =>
          Reflect.apply(member, kind, [readOnce(args), ...others])
      : member,
  ]);
  return Object.fromEntries(members) as StepKind;
}
