import { describe, expect, it, onTestFinished } from 'vitest';
import { Outbox } from '../../../engine/cli/run/outbox.ts';
import { createSecretResolver } from '../../../engine/kinds/environment/secrets.ts';
import { loadEnvironment } from '../../../engine/load/environment.ts';
import type { CloudEvent } from '../../../engine/model/cloud-event.ts';
import { SourceFile } from '../../../engine/source/file.ts';
import { HandClock } from '../../rig/hand-clock.ts';
import { serveHttp } from '../../rig/http-server.ts';
import type { HttpServerRig } from '../../rig/http-server.ts';

const MINUTE_MS = 60_000;

const numbered = (number: number): CloudEvent => ({
  ...{ specversion: '1.0', id: `run/${number}`, source: '/drillbook/here', type: 'dev.drillbook.note' },
  ...{ subject: 'run', time: '2026-01-05T10:00:00Z', datacontenttype: 'application/json', data: {} },
});

/** Answers one status after the other, and the last one from then on; 0 is no answer. */
async function receiver(...statuses: readonly number[]): Promise<HttpServerRig> {
  const left = [...statuses];
  const server = await serveHttp((_request, response) => {
    const status = (left.length > 1 ? left.shift() : left[0]) ?? 204;
    if (status !== 0) response.writeHead(status).end();
  });
  onTestFinished(() => server.close());
  return server;
}

async function outboxTo(url: string): Promise<{ readonly outbox: Outbox; readonly clock: HandClock }> {
  const text = `version: 1\nname: here\nkind: staging\nevents: { url: ${url} }\n`;
  const { value: environment } = await loadEnvironment(new SourceFile('here.yaml', text));
  if (environment === undefined) throw new Error('the environment has errors');
  const secrets = createSecretResolver(
    () => environment,
    () => undefined,
  );
  const clock = new HandClock();
  return { outbox: new Outbox({ environment, secrets, clock }), clock };
}

const idsOf = ({ received }: HttpServerRig): readonly string[] =>
  received.map(({ body }) => (JSON.parse(body) as CloudEvent).id);

describe('events on their way', () => {
  it('arrive one after the other, each by a POST of its own', async () => {
    const server = await receiver(204);
    const { outbox } = await outboxTo(server.url);
    for (const number of [1, 2, 3]) outbox.offer(numbered(number));
    expect(await outbox.close()).toBeUndefined();
    expect(idsOf(server)).toEqual(['run/1', 'run/2', 'run/3']);
    expect(server.received[0]).toMatchObject({
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents+json; charset=utf-8' },
    });
  });

  it.each([500, 503, 429, 408])('are offered again after HTTP %i, with the same id', async (status) => {
    const server = await receiver(status, status, 200);
    const { outbox, clock } = await outboxTo(server.url);
    outbox.offer(numbered(1));
    outbox.offer(numbered(2));
    await expect
      .poll(async () => {
        await clock.pass(MINUTE_MS);
        return idsOf(server);
      })
      .toEqual(['run/1', 'run/1', 'run/1', 'run/2']);
    expect(await outbox.close()).toBeUndefined();
  });

  it.each([400, 401, 404, 413, 301])(
    'are given up after HTTP %i, and it is told in the end',
    async (status) => {
      const server = await receiver(status, 204);
      const { outbox } = await outboxTo(server.url);
      outbox.offer(numbered(1));
      outbox.offer(numbered(2));
      expect(await outbox.close()).toBe(`1 event of this run could not be sent: HTTP ${status}`);
      expect(idsOf(server)).toEqual(['run/1', 'run/2']);
    },
  );

  it('are waited for a few seconds in the end, and not longer', async () => {
    const server = await receiver(0);
    const { outbox, clock } = await outboxTo(server.url);
    outbox.offer(numbered(1));
    const closed = outbox.close();
    await expect.poll(() => idsOf(server)).toEqual(['run/1']);
    await clock.pass(4999);
    expect(await Promise.race([closed, Promise.resolve('open still')])).toBe('open still');
    await clock.pass(1);
    expect(await closed).toMatch(/^1 event of this run could not be sent/);
  });

  it('wait in a room of a thousand: the oldest give way', async () => {
    const server = await receiver(0, 204);
    const { outbox, clock } = await outboxTo(server.url);
    outbox.offer(numbered(1));
    await expect.poll(() => idsOf(server)).toEqual(['run/1']);
    for (let number = 2; number <= 1011; number++) outbox.offer(numbered(number));
    const closed = outbox.close();
    await clock.pass(5000);
    expect(await closed).toMatch(/^1,011 events of this run could not be sent: more than 1000 were waiting$/);
  });

  it('go nowhere where the secret of the address is not there', async () => {
    const { outbox } = await outboxTo('{ env: DRILLBOOK_NO_SUCH_ADDRESS }');
    outbox.offer(numbered(1));
    expect(await outbox.close()).toMatch(
      /^1 event of this run could not be sent: .*DRILLBOOK_NO_SUCH_ADDRESS/,
    );
  });

  it('go nowhere where nobody listens', async () => {
    const server = await receiver(204);
    await server.close();
    const { outbox, clock } = await outboxTo(server.url);
    outbox.offer(numbered(1));
    await expect.poll(() => clock.isSleptIn).toBe(true);
    const closed = outbox.close();
    await clock.pass(5000);
    expect(await closed).toMatch(
      /^1 event of this run could not be sent: 127\.0\.0\.1:\d+ refuses the connection/,
    );
  });
});
