import { describe, expect, it } from 'vitest';
import { recordRun } from '../../engine/measure/record.ts';
import { toldApart } from '../../engine/report/tell-apart.ts';
import { Story, started } from '../measure/rig.ts';

describe('phases of one name', () => {
  const record = recordRun(
    new Story().add(started(), {
      type: 'scope.entered',
      key: 'restore',
      kind: 'call',
      title: 'Recover the database',
    }).events,
  );
  const names = (...phases: readonly (readonly [string, string])[]): readonly string[] => [
    ...toldApart(
      phases.map(([key, title]) => ({ key, title })),
      record,
    ).values(),
  ];

  it('say which playbook they are of', () => {
    expect(names(['assess', 'Assess'], ['restore/assess', 'Assess'])).toEqual([
      'Assess',
      'Assess (Recover the database)',
    ]);
  });

  it('are numbered where that is not enough', () => {
    expect(names(['one', 'Verify'], ['two', 'Verify'])).toEqual(['Verify, 1', 'Verify, 2']);
  });

  it('and others are left as they are', () => {
    expect(names(['restore/assess', 'Assess'], ['verify', 'Verify'])).toEqual(['Assess', 'Verify']);
  });
});
