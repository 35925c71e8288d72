import { afterEach, describe, expect, test } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import { serveHttp } from '../../rig/http-server.ts';
import type { HttpServerRig } from '../../rig/http-server.ts';
import { failureOf, kindOf, stepRig } from '../../rig/step.ts';

const kind = await kindOf('notify');
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const secret = (name: string, value: string): ValueMap => {
  process.env[name] = value;
  return { $ref: 'env', name };
};

interface Incident extends Record<string, unknown> {
  readonly id: string;
  status: string;
  components?: unknown;
  incident_updates: { readonly status: string; readonly body: string }[];
}

/** What Statuspage's API is to its client: incidents of a page, their updates newest first, its rules on keys and ids. */
class StatuspageRig {
  readonly incidents: Incident[] = [];
  server!: HttpServerRig;
  /** Opens the next incident, and then answers as if it had not. */
  stumbles = false;

  async start(): Promise<this> {
    this.server = await serveHttp((request, response) => {
      const body = this.server.received.at(-1)?.body ?? '';
      const answer = (status: number, json: unknown): void => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
      };
      if (request.headers.authorization !== 'OAuth page-key') {
        answer(401, { error: 'Could not authenticate' });
        return;
      }
      const path = /^\/v1\/pages\/page1\/incidents(?:\/(\w+))?$/.exec(request.url ?? '');
      if (path === null) {
        answer(404, { error: 'not found' });
        return;
      }
      const [, id] = path;
      if (request.method === 'GET' && id === 'unresolved') {
        answer(
          200,
          this.incidents.filter(({ status }) => status !== 'resolved'),
        );
        return;
      }
      const { incident: given } = JSON.parse(body) as { incident: Incident & { body: string } };
      const update = { status: given.status, body: given.body };
      if (request.method === 'POST') {
        const made = { ...given, id: `inc${String(this.incidents.length)}`, incident_updates: [update] };
        this.incidents.push(made);
        if (!this.stumbles) {
          answer(201, made);
          return;
        }
        this.stumbles = false;
        answer(502, { error: 'bad gateway' });
        return;
      }
      const known = this.incidents.find((incident) => incident.id === id);
      if (known === undefined) {
        answer(404, { error: 'not found' });
        return;
      }
      known.status = given.status;
      known.components = given.components;
      known.incident_updates.unshift(update);
      answer(200, known);
    });
    closers.push(() => this.server.close());
    return this;
  }

  channel(more: ValueMap = {}): ValueMap {
    const key = secret('DRILLBOOK_TEST_STATUSPAGE', 'page-key');
    return { statuspage: { page: 'page1', url: this.server.url, key, ...more } };
  }

  get writes(): number {
    return this.server.received.filter(({ method }) => method !== 'GET').length;
  }
}

describe('Statuspage', () => {
  test('an incident is opened, updated and resolved, as one incident of the run', async () => {
    const page = await new StatuspageRig().start();
    const channel = page.channel({ components: ['api'] });
    const { context } = stepRig();
    const earnest = { ...context, run: { ...context.run, mode: 'recover' as const } };
    const say = (text: string, more: ValueMap = {}) =>
      kind.run({ channel, text, subject: 'Maintenance', severity: 'info', ...more }, earnest);
    expect(await say('Away for 15 minutes.')).toEqual({ delivered: ['statuspage'], failed: [] });
    expect(page.incidents).toMatchObject([
      {
        name: 'Maintenance',
        status: 'investigating',
        impact_override: 'none',
        metadata: { drillbook: { run: earnest.run.id } },
        component_ids: ['api'],
        components: { api: 'under_maintenance' },
      },
    ]);
    await say('Still away.');
    await say('We know why.', { event: 'acknowledge' });
    await say('We are back.', { event: 'resolve' });
    expect(page.incidents).toHaveLength(1);
    expect(page.incidents[0]).toMatchObject({ status: 'resolved', components: { api: 'operational' } });
    expect(page.incidents[0]?.incident_updates.toReversed()).toEqual([
      { status: 'investigating', body: 'Away for 15 minutes.' },
      { status: 'investigating', body: 'Still away.' },
      { status: 'identified', body: 'We know why.' },
      { status: 'resolved', body: 'We are back.' },
    ]);
  });

  test('what stands there already, as after a crash, is not said twice', async () => {
    const page = await new StatuspageRig().start();
    const args = { channel: page.channel(), text: 'Away.' };
    await kind.run(args, stepRig().context);
    await kind.run(args, stepRig().context);
    expect(page.writes).toBe(1);
    expect(page.incidents[0]?.incident_updates).toEqual([{ status: 'investigating', body: '[drill] Away.' }]);
  });

  test('an incident that was opened although the answer was lost stays the only one', async () => {
    const page = await new StatuspageRig().start();
    page.stumbles = true;
    expect(await kind.run({ channel: page.channel(), text: 'Away.' }, stepRig().context)).toMatchObject({
      delivered: ['statuspage'],
    });
    expect(page.incidents).toHaveLength(1);
  });

  test('another run has an incident of its own', async () => {
    const page = await new StatuspageRig().start();
    const { context } = stepRig();
    await kind.run({ channel: page.channel(), text: 'Away.' }, context);
    await kind.run(
      { channel: page.channel(), text: 'Away.' },
      { ...context, run: { ...context.run, id: 'another' } },
    );
    expect(page.incidents).toHaveLength(2);
  });

  test('an all-clear without an incident opens none, and says so', async () => {
    const page = await new StatuspageRig().start();
    const rig = stepRig();
    await kind.run({ channel: page.channel(), text: 'Back.', event: 'resolve' }, rig.context);
    expect(page.incidents).toEqual([]);
    expect(rig.logs).toEqual([
      'the status page has no open incident of this run: it was closed by hand, or never opened',
    ]);
  });

  test.each([
    [{ key: secret('DRILLBOOK_TEST_STATUSPAGE_WRONG', 'wrong') }, '401', 'API key'],
    [{ page: 'page2' }, '404', 'id of the page'],
  ])('what is refused says why: %o', async (more, code, hint) => {
    const page = await new StatuspageRig().start();
    const error = await failureOf(kind.run({ channel: page.channel(more), text: 'x' }, stepRig().context));
    expect(error.details['failed']).toMatchObject([{ way: 'statuspage', code }]);
    expect(error.hint).toContain(hint);
    expect(error.message).not.toContain('page-key');
  });
});

describe('a webhook of one’s own', () => {
  test('gets each message as JSON, with what tells incident and message apart', async () => {
    const server = await serveHttp((_request, response) => response.writeHead(204).end());
    closers.push(() => server.close());
    const channel = {
      webhook: {
        url: secret('DRILLBOOK_TEST_HOOK', `${server.url}/in`),
        auth: { bearer: secret('DRILLBOOK_TEST_HOOK_TOKEN', 't0ken') },
      },
    };
    const output = await kind.run({ channel, text: 'Away.\nSorry.', severity: 'info' }, stepRig().context);
    expect(output).toEqual({ delivered: ['webhook'], failed: [] });
    const [got] = server.received;
    expect(got?.headers.authorization).toBe('Bearer t0ken');
    expect(JSON.parse(got?.body ?? '')).toMatchObject({
      id: '20251101-1200-abcd/theStep',
      incident: 'drillbook/test/20251101-1200-abcd',
      event: 'trigger',
      severity: 'info',
      subject: '[drill] Away.',
      text: '[drill] Away.\nSorry.',
      drill: true,
    });
  });

  test('that refuses is a way that failed', async () => {
    const server = await serveHttp((_request, response) => response.writeHead(400).end());
    closers.push(() => server.close());
    const channel = { webhook: { url: secret('DRILLBOOK_TEST_HOOK', server.url) } };
    const error = await failureOf(kind.run({ channel, text: 'x' }, stepRig().context));
    expect(error.details['failed']).toMatchObject([{ way: 'webhook', code: '400' }]);
  });
});
