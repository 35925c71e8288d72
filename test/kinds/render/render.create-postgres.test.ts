import { describe, expect, test } from 'vitest';
import { refusal, renderWithDatabase } from '../../rig/render.ts';
import { failureOf, kindOf } from '../../rig/step.ts';
import { query } from '../../rig/postgres.ts';

const kind = await kindOf('render.create-postgres');
const remove = await kindOf('render.delete-postgres');
const { render, rig, stepWith } = await renderWithDatabase();

const NAME = 'drillbook-20251101-1200-abcd-thestep';
const orders = () => render.requests.filter((request) => request === 'POST /postgres').length;

test('makes one like another, in another region, and waits until it can be used; then it is deleted', async () => {
  const args = {
    like: rig.target,
    region: 'virginia',
    databaseName: 'peakops',
    user: 'ops',
    allow: ['203.0.113.7'],
  };
  const step = stepWith();
  const output = await kind.run(args, step.context);
  expect(output).toMatchObject({
    name: NAME,
    region: 'virginia',
    plan: 'basic_1gb',
    database: { $ref: 'render.postgres', name: NAME, created: 'theStep', region: 'virginia' },
  });
  const made = render.workspace.databases.get(output['id'] as string);
  expect(made?.allowList).toEqual([{ cidrBlock: '203.0.113.7/32', description: 'drillbook' }]);
  expect(await query(made?.url ?? '', 'select current_database() as name, current_user as me')).toEqual([
    { name: 'peakops', me: 'ops' },
  ]);

  const before = orders();
  expect(await kind.reconcile?.(args, stepWith().context)).toEqual({ verdict: 'reattach' });
  expect(await kind.run(args, stepWith().context)).toMatchObject({ id: output['id'] ?? null });
  expect(await kind.run(args, stepWith(step.checkpoints[0]).context)).toMatchObject({
    id: output['id'] ?? null,
  });
  expect(orders()).toBe(before);

  const gone = stepWith();
  expect(await remove.run({ database: output['database'] ?? null }, gone.context)).toEqual({
    database: { id: output['id'], name: NAME },
    deleted: true,
    alreadyGone: false,
  });
  expect(
    await remove.reconcile?.({ database: output['database'] ?? null }, stepWith(gone.checkpoints[0]).context),
  ).toMatchObject({
    verdict: 'happened',
    output: { alreadyGone: false },
  });
  expect(await kind.reconcile?.(args, stepWith().context)).toEqual({ verdict: 'notHappened' });
});

describe('what went wrong is said', () => {
  test('nothing that says what to make', async () => {
    const error = await failureOf(kind.run({ plan: 'basic_1gb' }, stepWith().context));
    expect(error).toMatchObject({ code: 'usage', changed: 'nothing' });
    expect(orders()).toBe(1);
  });

  test('what Render does not have', async () => {
    const error = await failureOf(kind.run({ plan: 'basic_1gb', version: '11' }, stepWith().context));
    expect(error).toMatchObject({ code: '400', changed: 'nothing' });
  });

  test('an order that was answered with an error: whether it was taken is open, and it is found by its name', async () => {
    let lost = true;
    render.intercept((request) => {
      if (request.method !== 'POST' || !lost) return undefined;
      lost = false;
      return refusal(503, 'try later');
    });
    const error = await failureOf(kind.run({ like: rig.target }, stepWith().context));
    expect(error).toMatchObject({ code: '503', changed: 'maybe' });
    render.intercept(() => undefined);
  });

  test('one that Render fails to make', async () => {
    const id = rig.database.id;
    const document = await render.ask(`/postgres/${id}`);
    render.intercept(() => ({ status: 200, body: { ...document, status: 'unavailable' } }));
    const error = await failureOf(kind.run({ like: rig.target }, stepWith({ id }).context));
    expect(error).toMatchObject({ code: 'unavailable', changed: 'something' });
    render.intercept(() => undefined);
  });
});

test('says what it would do', () => {
  expect(kind.describe({ like: rig.target, region: 'ohio' })).toBe(
    'Make a new, empty database like peakops-main in ohio, which is billed',
  );
  expect(kind.targets({ like: rig.target })).toMatchObject([{ effect: 'read', by: 'provider' }]);
});
