import { beforeEach, describe, expect, test } from 'vitest';
import { renderWithDatabase } from '../../rig/render.ts';
import { failureOf, kindOf } from '../../rig/step.ts';

const kind = await kindOf('render.allow-ip');
const { render, rig, stepWith } = await renderWithDatabase();

const office = { cidrBlock: '198.51.100.0/24', description: 'office' };
beforeEach(() => rig.database.change({ allowList: [office] }));

test('adds an address to those that are there', async () => {
  const args = { database: rig.target, add: ['203.0.113.7'] };
  const mine = { cidrBlock: '203.0.113.7/32', description: 'drillbook 20251101-1200-abcd' };
  expect(await kind.run(args, stepWith().context)).toEqual({
    list: [office, mine],
    previous: [office],
    added: ['203.0.113.7/32'],
    removed: [],
    changed: true,
  });
  expect(rig.database.settings.allowList).toEqual([office, mine]);
});

test('what is there already is not added twice', async () => {
  const writes = render.requests.length;
  const output = await kind.run({ database: rig.target, add: ['198.51.100.0/24'] }, stepWith().context);
  expect(output).toMatchObject({ added: [], changed: false });
  expect(render.requests.slice(writes).some((request) => request.startsWith('PATCH'))).toBe(false);
});

test('an undo takes away what was added, and leaves what others added meanwhile', async () => {
  const added = await kind.run({ database: rig.target, add: ['203.0.113.7'] }, stepWith().context);
  const colleague = { cidrBlock: '192.0.2.1/32', description: 'a colleague' };
  rig.database.change({ allowList: [...rig.database.settings.allowList, colleague] });
  await kind.run({ database: rig.target, remove: added['added'] ?? [] }, stepWith().context);
  expect(rig.database.settings.allowList).toEqual([office, colleague]);
});

test('or the whole list is put back as it was', async () => {
  const added = await kind.run({ database: rig.target, add: ['2001:db8::1'] }, stepWith().context);
  await kind.run({ database: rig.target, exactly: added['previous'] ?? [] }, stepWith().context);
  expect(rig.database.settings.allowList).toEqual([office]);
});

describe('after a crash', () => {
  const args = () => ({ database: rig.target, add: ['203.0.113.7'], description: 'me' });

  test('before it was asked for: not happened', async () => {
    expect(await kind.reconcile?.(args(), stepWith().context)).toEqual({ verdict: 'notHappened' });
  });

  test('after it was asked for: happened, and what was added is still known', async () => {
    const first = stepWith();
    await kind.run(args(), first.context);
    expect(await kind.reconcile?.(args(), stepWith(first.checkpoints[0]).context)).toMatchObject({
      verdict: 'happened',
      output: { previous: [office], added: ['203.0.113.7/32'], changed: true },
    });
  });
});

test.each([['203.0.113.300'], ['203.0.113.0/33'], ['anywhere'], ['10.0.0.0/8/8']])(
  '%s is no address: said before anything is changed',
  async (address) => {
    const error = await failureOf(kind.run({ database: rig.target, add: [address] }, stepWith().context));
    expect(error).toMatchObject({ code: 'usage', changed: 'nothing' });
    expect(rig.database.settings.allowList).toEqual([office]);
  },
);

test('either a change or the whole list', async () => {
  const both = { database: rig.target, add: ['203.0.113.7'], exactly: [] };
  expect(await failureOf(kind.run(both, stepWith().context))).toMatchObject({ code: 'usage' });
  const neither = { database: rig.target };
  expect(await failureOf(kind.run(neither, stepWith().context))).toMatchObject({ code: 'usage' });
});

test('says what it would do', () => {
  const args = { database: rig.target, add: ['203.0.113.7'], remove: ['192.0.2.0/24'] };
  expect(kind.describe(args)).toBe(
    'Change from where peakops-main can be reached: add 203.0.113.7, remove 192.0.2.0/24',
  );
  expect(kind.describe({ database: rig.target, remove: [] })).toBe(
    'Leave it as it is from where peakops-main can be reached',
  );
  expect(kind.describe({ database: rig.target, exactly: [office] })).toBe(
    'Let only 198.51.100.0/24 reach peakops-main',
  );
});
