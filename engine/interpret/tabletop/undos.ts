import type { RunContext } from '../life/context.ts';
import type { OwedAtTable } from './place.ts';
import { talkThrough, within } from './walk.ts';

/** What is left to be put right is talked through at the end, the newest first, as a run would do it. */
export async function talkUndos(run: RunContext, owed: readonly OwedAtTable[]): Promise<void> {
  for (const each of owed.toReversed()) await talkUndo(run, each);
}

async function talkUndo(run: RunContext, { key: of, node, place }: OwedAtTable): Promise<void> {
  const { undo, title } = node;
  if (undo === undefined) return;
  const key = `${of}!undo`;
  const unknown = new Set([...place.unknown, 'output']);
  const inside = { ...place, unknown, prefix: `${key}/`, phase: `${key}/` };
  await within(run, inside, { key, kind: 'undo', title, node, when: undo.when }, () =>
    talkThrough(run, undo.steps, inside),
  );
}
