import { describe, expect, test } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import { loadEnvironment } from '../../../engine/load/environment.ts';
import type { WorldPlan } from '../../../engine/model/world.ts';
import { SourceFile } from '../../../engine/source/file.ts';
import { kindOf, stepRig } from '../../rig/step.ts';
import { desk, environmentOf, open, planOf } from '../parts-rig.ts';
import { request } from '../rig.ts';

const standIns = (): WorldPlan =>
  planOf(`
parts:
  payments:
    uses: http
    with:
      answers:
        - { path: /v1/status, json: { ok: true }, headers: { x-version: "7" } }
        - { method: POST, path: /v1/charges, status: 503, after: 300ms }
        - { path: /v1/charges, json: [] }
  mail: { uses: smtp }
environment:
  channels:
    ops:
      smtp:
        host: \${{ parts.mail.host }}
        port: \${{ parts.mail.port }}
        tls: none
        from: drills@shop.test
        to: [ops@shop.test]
  values:
    payments: \${{ parts.payments.url }}
    desk: { payments: "\${{ parts.payments.control }}", mail: "\${{ parts.mail.control }}", token: "\${{ desk.token }}" }
`);

describe('a part of the kind http', () => {
  test('gives the answers of the file, and tells what it was asked', async () => {
    const world = await open(standIns());
    const { values } = await environmentOf<{ readonly values: { readonly payments: string } }>(world);
    const status = await request(`${values.payments}/v1/status?verbose=1`);
    expect(status).toMatchObject({ status: 200, body: { ok: true } });
    expect(status.headers.get('x-version')).toBe('7');
    const before = performance.now();
    expect(await request(`${values.payments}/v1/charges`, 'POST', { amount: 5 })).toMatchObject({
      status: 503,
    });
    expect(performance.now() - before).toBeGreaterThanOrEqual(295);
    expect((await request(`${values.payments}/v1/charges`)).body).toEqual([]);
    expect((await request(`${values.payments}/v2`)).body).toEqual({
      message:
        'this stand-in has no answer for GET /v2: it knows any method /v1/status, POST /v1/charges, any method /v1/charges',
    });
    expect((await desk(world, 'payments', '/stop')).body).toEqual({
      message: 'the part payments knows nothing but GET',
    });
    expect((await desk(world, 'payments')).body).toMatchObject({
      requests: 4,
      last: [
        { method: 'GET', path: '/v1/status' },
        { method: 'POST', path: '/v1/charges', body: { amount: 5 } },
        { method: 'GET', path: '/v1/charges' },
        { method: 'GET', path: '/v2' },
      ],
    });
  });
});

describe('a part of the kind smtp', () => {
  test('takes what a channel of the environment sends, and fails it while it is stopped', async () => {
    const world = await open(standIns());
    const { value } = await loadEnvironment(new SourceFile('sandbox.yaml', await world.environmentText()));
    const notify = await kindOf('notify');
    const { ops: channel } = value?.data['channels'] as { readonly ops: ValueMap };
    const { context } = stepRig({ environment: value?.data ?? {} });
    const message = { channel, subject: 'The shop is back', text: 'All orders are there.' };
    await notify.run(message, context);
    expect((await desk(world, 'mail')).body).toMatchObject({
      received: 1,
      last: [
        {
          from: 'drills@shop.test',
          to: ['ops@shop.test'],
          subject: expect.stringContaining('The shop is back') as string,
          message: expect.stringContaining('All orders are there.') as string,
        },
      ],
    });
    await desk(world, 'mail', '/stop');
    await expect(notify.run(message, context)).rejects.toThrow();
    await desk(world, 'mail', '/start');
    await notify.run(message, context);
    expect((await desk(world, 'mail')).body).toMatchObject({ received: 2 });
  });
});
