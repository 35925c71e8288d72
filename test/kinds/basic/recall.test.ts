import { expect, test } from 'vitest';
import { Instant } from '../../../engine/base/instant.ts';
import type { Earlier } from '../../../engine/model/kind.ts';
import { kindOf, stepRig } from '../../rig/step.ts';

const kind = await kindOf('recall');
const asked = { playbook: 'weekly-checks', step: 'look' };
const contextWith = (earlier: Earlier) => {
  const rig = stepRig();
  return { ...rig, context: { ...rig.context, earlier: () => Promise.resolve(earlier) } };
};

test('what the step said last, when and in which run', async () => {
  const at = Instant.fromMillis(Date.UTC(2026, 10, 23));
  const said = { run: '20261123-0700-abcd', at, output: { versioning: 'Enabled' } };
  expect(await kind.run(asked, contextWith({ said, unreadable: [] }).context)).toEqual({
    found: true,
    output: { versioning: 'Enabled' },
    at,
    run: '20261123-0700-abcd',
    unreadable: [],
  });
});

test('nothing found is no failure, and a run that cannot be read is named', async () => {
  const rig = contextWith({ said: undefined, unreadable: ['20261123-0700-abcd'] });
  const nothing = { found: false, output: {}, at: null, run: null };
  expect(await kind.run(asked, rig.context)).toEqual({ ...nothing, unreadable: ['20261123-0700-abcd'] });
  expect(rig.logs).toEqual([expect.stringContaining('20261123-0700-abcd cannot be read')]);
  expect(await kind.run(asked, stepRig().context)).toEqual({ ...nothing, unreadable: [] });
});
