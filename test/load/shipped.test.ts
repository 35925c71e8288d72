import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderLibrary } from '../../engine/load/library.ts';
import { loadPlaybook } from '../../engine/load/playbook.ts';
import type { Playbook, Step } from '../../engine/model/playbook.ts';
import type { Template } from '../../engine/model/template.ts';
import { placedSteps } from '../../engine/model/walk.ts';

/** What all playbooks that ship have in common: each holds for one that is added tomorrow, too. */
const library = folderLibrary([join(import.meta.dirname, '..', '..', 'playbooks')]);
const shipped = await Promise.all((await library.ids()).map(loaded));

async function loaded(id: string): Promise<Playbook> {
  const file = await library.find(id);
  const playbook = file && (await loadPlaybook(file, library)).value;
  return playbook ?? expect.fail(`${id} cannot be loaded`);
}

/** Their own steps, and those of what they call. */
const stepsOf = (playbook: Playbook): readonly Step[] =>
  [...placedSteps(playbook)].flatMap(({ node }) => (node.type === 'step' ? [node] : []));

const member = (template: Template, key: string): Template | undefined =>
  template.type === 'map' ? template.entries.find((entry) => entry.key === key)?.value : undefined;

const idsOf = (playbooks: readonly Playbook[]): readonly string[] => playbooks.map(({ id }) => id);

/** Puts back out of an earlier state, beside what has gone on since. */
const PUTS_BACK = ['postgres.copy-rows', 's3.copy-bucket', 's3.restore-version', 's3.undelete'];

const fillsAReplica = (args: Template): boolean => {
  const purpose = member(args, 'for');
  return purpose?.type === 'literal' && purpose.value === 'replication';
};

/** From here on another database or bucket is the one in use, or what is in use is what it was earlier. */
const goesBack = ({ uses, with: args, rebind }: Step): boolean =>
  (PUTS_BACK.includes(uses) && !fillsAReplica(args)) ||
  rebind.some(({ key }) => /^(?:databases|buckets)\./.test(key));

const isRecoveryPoint = ({ key }: { readonly key: string }): boolean => key === 'recoveryPoint';

const MAKES_A_DATABASE = ['render.create-postgres', 'render.recover-postgres'];

const isDeletedAtTheEnd = ({ undo }: Step): boolean =>
  undo?.at === 'exit' &&
  undo.steps.some((node) => node.type === 'step' && node.uses === 'render.delete-postgres');

describe('a shipped playbook', () => {
  test('that goes back, or moves to another database or bucket, has an RPO', () => {
    const goingBack = shipped.filter((playbook) => stepsOf(playbook).some(goesBack));
    expect(goingBack.length).toBeGreaterThan(10);
    expect(idsOf(goingBack.filter(({ objectives }) => objectives.rpo === undefined))).toEqual([]);
  });

  test('that has an RPO records where the loss begins', () => {
    const silent = shipped
      .filter(({ objectives }) => objectives.rpo !== undefined)
      .filter((playbook) => !stepsOf(playbook).some(({ record }) => record.some(isRecoveryPoint)));
    expect(idsOf(silent)).toEqual([]);
  });

  test('makes a database without standbys where it deletes it when the run ends, and with them where it stays', () => {
    const made = shipped.flatMap(stepsOf).filter(({ uses }) => MAKES_A_DATABASE.includes(uses));
    expect(made.length).toBeGreaterThan(10);
    const wrong = made.filter(
      (step) => (member(step.with, 'standbys') !== undefined) !== isDeletedAtTheEnd(step),
    );
    expect(wrong.map(({ title }) => title)).toEqual([]);
  });
});
