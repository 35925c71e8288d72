import { OWN_FAMILY } from '../model/own-kind.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import type { OwnKind, OwnKinds } from './own-kinds.ts';
import type { Unit } from './resolve/unit.ts';
import { kindSchemaOf } from './schemas/kind-schema.ts';
import type { KindSchema } from './schemas/kind-schema.ts';
import { kindNames, kindSchema } from './stepschema.ts';
import { entries, stringOf } from './syntax/tree.ts';
import type { Tree } from './syntax/tree.ts';

/** What a file uses: the schemas by their names, and what of them is a user's own. */
export interface KindsUsed {
  readonly known: Pick<Unit, 'kinds' | 'faults' | 'kindNames'>;
  readonly own: readonly OwnKind[];
  /** What is wrong with the files of kinds of a user's own that are used. */
  readonly diagnostics: readonly Diagnostic[];
}

/** The schemas of all kinds that a file uses. */
export async function kindsOf(tree: Tree, ownKinds: OwnKinds | undefined): Promise<KindsUsed> {
  const kinds = new Map<string, KindSchema | undefined>();
  const faults = new Map<string, KindSchema | undefined>();
  const own: OwnKind[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const { key, value } of entries(tree)) {
    for (const { name, inFault } of usesIn(value, key === 'rehearsals')) {
      const group = inFault ? faults : kinds;
      if (group.has(name)) continue;
      const found = inFault || !name.startsWith(OWN_FAMILY) ? undefined : await ownKinds?.find(name);
      if (found?.ok === true) own.push(found.value);
      if (found?.ok === false) diagnostics.push(...found.error);
      group.set(name, found === undefined ? kindSchema(inFault ? 'faults' : 'steps', name) : schemaOf(found));
    }
  }
  const steps = [...kindNames('steps'), ...(ownKinds?.names() ?? [])];
  return { known: { kinds, faults, kindNames: { steps, faults: kindNames('faults') } }, own, diagnostics };
}

type Found = NonNullable<Awaited<ReturnType<OwnKinds['find']>>>;

/** Of a kind whose files are wrong nothing more is told where it is used. */
const schemaOf = (found: Found): KindSchema =>
  found.ok ? found.value.schema.kind : kindSchemaOf('', {}, () => []);

interface Used {
  readonly name: string;
  readonly inFault: boolean;
}

/** Where a fault holds steps, their kinds are those of steps. */
const OF_STEPS: ReadonlySet<string> = new Set(['steps', 'always']);

/** Every `uses`. */
function usesIn(tree: Tree, inFault: boolean, found: Used[] = []): readonly Used[] {
  if (tree.type === 'list') for (const item of tree.items) usesIn(item, inFault, found);
  if (tree.type !== 'map') return found;
  for (const { key, value } of tree.entries) {
    const name = key === 'uses' ? stringOf(value) : undefined;
    if (name !== undefined) found.push({ name, inFault });
    else if (key !== 'with') usesIn(value, inFault && !OF_STEPS.has(key), found);
  }
  return found;
}
