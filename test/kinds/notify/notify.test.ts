import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Json } from '../../../engine/base/json.ts';
import type { ValueMap } from '../../../engine/base/value.ts';
import { loadEnvironment } from '../../../engine/load/environment.ts';
import { SourceFile } from '../../../engine/source/file.ts';
import type { CertificatesRig } from '../../rig/certificates.ts';
import { makeCertificates } from '../../rig/certificates.ts';
import type { HttpServerRig } from '../../rig/http-server.ts';
import { serveHttp } from '../../rig/http-server.ts';
import type { MailRig } from '../../rig/mail-server.ts';
import { serveMail } from '../../rig/mail-server.ts';
import { needing } from '../../rig/needed-programs.ts';
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

/** A service that gives these answers in turn, the last one for good. */
async function hook(
  ...answers: readonly { status: number; body?: string; headers?: Record<string, string> }[]
) {
  const left = [...answers];
  const server = await serveHttp((_request, response) => {
    const { status, body = '', headers = {} } = (left.length > 1 ? left.shift() : left[0]) ?? { status: 200 };
    response.writeHead(status, headers).end(body);
  });
  closers.push(() => server.close());
  return server;
}

const jsonOf = (server: HttpServerRig, index = 0): Record<string, Json> =>
  JSON.parse(server.received[index]?.body ?? '') as Record<string, Json>;

describe('the console', () => {
  test('says it line by line', async () => {
    const rig = stepRig();
    expect(
      await kind.run({ channel: { console: true }, text: 'We are back.\nThank you.' }, rig.context),
    ).toEqual({ delivered: ['console'], failed: [] });
    expect(rig.logs).toEqual(['We are back.', 'Thank you.']);
  });
});

describe('Slack', () => {
  const slack = (server: HttpServerRig): ValueMap => ({
    slack: { url: secret('DRILLBOOK_TEST_SLACK', `${server.url}/services/T0/B0/secret`) },
  });

  test('gets the text, with nothing in it that would call everybody', async () => {
    const server = await hook({ status: 200, body: 'ok' });
    const rig = stepRig();
    expect(await kind.run({ channel: slack(server), text: 'Down: <!channel> & more' }, rig.context)).toEqual({
      delivered: ['slack'],
      failed: [],
    });
    expect(jsonOf(server)).toEqual({ text: '[drill] Down: &lt;!channel&gt; &amp; more' });
    expect(rig.revealed).toContain(`${server.url}/services/T0/B0/secret`);
  });

  test('is not told of a drill where there is none', async () => {
    const server = await hook({ status: 200, body: 'ok' });
    const { context } = stepRig();
    await kind.run(
      { channel: slack(server), text: 'Down' },
      { ...context, run: { ...context.run, mode: 'recover' } },
    );
    expect(jsonOf(server)).toEqual({ text: 'Down' });
  });

  test('that wants to be asked more slowly is asked again', async () => {
    const server = await hook({ status: 429, headers: { 'retry-after': '1' } }, { status: 200, body: 'ok' });
    await kind.run({ channel: slack(server), text: 'x' }, stepRig().context);
    expect(server.received).toHaveLength(2);
  });

  test('that wants to be left alone for a day is asked again in ten seconds', async () => {
    const server = await hook(
      { status: 429, headers: { 'retry-after': '86400' } },
      { status: 200, body: 'ok' },
    );
    const { context } = stepRig();
    const before = context.clock.monotonic();
    await kind.run({ channel: slack(server), text: 'x' }, context);
    expect(context.clock.monotonic() - before).toBeLessThan(60_000);
    expect(server.received).toHaveLength(2);
  });

  test('whose webhook was removed says so, and what to do; the address is not told', async () => {
    const server = await hook({ status: 404, body: 'no_service' });
    const error = await failureOf(kind.run({ channel: slack(server), text: 'x' }, stepRig().context));
    expect(error).toMatchObject({ code: 'notDelivered', changed: 'nothing' });
    expect(error.details['failed']).toMatchObject([{ way: 'slack', code: 'no_service' }]);
    expect(error.hint).toContain('make a new one');
    expect(error.message).not.toContain('secret');
  });

  test('a message that may have arrived is not sent again', async () => {
    const server = await serveHttp((_request, response) => response.destroy());
    closers.push(() => server.close());
    await failureOf(kind.run({ channel: slack(server), text: 'x' }, stepRig().context));
    expect(server.received).toHaveLength(1);
  });
});

describe('PagerDuty', () => {
  const pagerduty = (server: HttpServerRig): ValueMap => ({
    pagerduty: {
      routingKey: secret('DRILLBOOK_TEST_PAGERDUTY', 'R0UT1NG'),
      url: `${server.url}/v2/enqueue`,
    },
  });
  const taken = { status: 202, body: '{"status":"success","message":"Event processed"}' };

  test('an incident is opened, acknowledged and resolved under one key', async () => {
    const server = await hook(taken);
    const channel = pagerduty(server);
    const { context } = stepRig();
    const say = (event: string) =>
      kind.run({ channel, text: 'The database is corrupt.\nMore.', event }, context);
    expect(await say('trigger')).toEqual({ delivered: ['pagerduty'], failed: [] });
    await say('acknowledge');
    await say('resolve');
    const events = [0, 1, 2].map((index) => jsonOf(server, index));
    expect(events.map((event) => event['event_action'])).toEqual(['trigger', 'acknowledge', 'resolve']);
    expect(new Set(events.map((event) => event['dedup_key']))).toEqual(
      new Set(['drillbook/test/20251101-1200-abcd']),
    );
    expect(events[0]).toMatchObject({
      routing_key: 'R0UT1NG',
      payload: {
        summary: '[drill] The database is corrupt.',
        severity: 'error',
        custom_details: { text: 'The database is corrupt.\nMore.', step: 'theStep' },
      },
    });
    expect(events[2]).not.toHaveProperty('payload');
  });

  test('what may not have arrived is sent again: the key makes it one incident', async () => {
    const server = await hook({ status: 503 }, taken);
    const channel = pagerduty(server);
    await kind.run({ channel, text: 'x', severity: 'critical' }, stepRig().context);
    expect(server.received).toHaveLength(2);
    expect(jsonOf(server, 1)).toMatchObject({ payload: { severity: 'critical' } });
  });

  test('an event that is refused: what it said, and where the key comes from', async () => {
    const body =
      '{"status":"invalid event","message":"Event object is invalid","errors":["Length of \'routing_key\' is incorrect"]}';
    const server = await hook({ status: 400, body });
    const error = await failureOf(kind.run({ channel: pagerduty(server), text: 'x' }, stepRig().context));
    expect(error.message).toContain("Length of 'routing_key' is incorrect");
    expect(error.hint).toContain('integration key');
    expect(server.received).toHaveLength(1);
  });
});

describe('mail', needing('openssl'), () => {
  let certificates: CertificatesRig;
  beforeAll(async () => {
    certificates = await makeCertificates();
  });

  const auth = (password = 'mail-password'): ValueMap => ({
    username: 'drillbook',
    password: secret('DRILLBOOK_TEST_MAIL', password),
  });
  const ca = (): ValueMap => secret('DRILLBOOK_TEST_CA', certificates.ca);
  const smtp = (server: MailRig, more: ValueMap): ValueMap => ({
    smtp: {
      ...{ host: '127.0.0.1', port: server.port, from: 'drillbook@example.com', to: ['oncall@example.com'] },
      ...more,
    },
  });
  const started = async (options: Parameters<typeof serveMail>[0]): Promise<MailRig> => {
    const server = await serveMail(options);
    closers.push(() => server.close());
    return server;
  };
  const deliver = (channel: ValueMap) =>
    kind.run({ channel, text: 'We restore.\nSoon more.', subject: 'Database down' }, stepRig().context);

  test('by STARTTLS, with user and password', async () => {
    const server = await started({ ...certificates.server });
    expect(await deliver(smtp(server, { auth: auth(), ca: ca() }))).toEqual({
      delivered: ['smtp'],
      failed: [],
    });
    expect(server.received).toMatchObject([
      { from: 'drillbook@example.com', to: ['oncall@example.com'], user: 'drillbook', secure: true },
    ]);
    const [{ message } = { message: '' }] = server.received;
    expect(message).toContain('Subject: [drill] Database down');
    expect(message).toContain('Message-ID: <20251101-1200-abcd.theStep@drillbook>');
    expect(message).toContain('We restore.\r\nSoon more.');
  });

  test('encrypted from the start', async () => {
    const server = await started({ ...certificates.server, secure: true });
    await deliver(smtp(server, { tls: 'implicit', auth: auth(), ca: ca() }));
    expect(server.received).toMatchObject([{ secure: true }]);
  });

  test('without encryption only where the channel says so', async () => {
    const server = await started({ disabledCommands: ['STARTTLS'], authOptional: true });
    const error = await failureOf(deliver(smtp(server, {})));
    expect(error.details['failed']).toMatchObject([{ code: 'tls' }]);
    expect(server.received).toEqual([]);
    await deliver(smtp(server, { tls: 'none' }));
    expect(server.received).toMatchObject([{ secure: false }]);
  });

  test('a certificate of nobody known', async () => {
    const server = await started({ ...certificates.server });
    const error = await failureOf(deliver(smtp(server, { auth: auth() })));
    expect(error.details['failed']).toMatchObject([{ code: 'tls' }]);
    expect(error.hint).toContain('"ca"');
  });

  test('a password that is not accepted', async () => {
    const server = await started({ ...certificates.server });
    const error = await failureOf(deliver(smtp(server, { auth: auth('wrong'), ca: ca() })));
    expect(error.details['failed']).toMatchObject([{ way: 'smtp', code: 'auth' }]);
    expect(error.message).toContain(`127.0.0.1:${server.port}`);
    expect(JSON.stringify(error.details)).not.toContain('wrong');
  });

  test('a recipient that is not taken while another is: told on the screen', async () => {
    const server = await started({ ...certificates.server });
    const rig = stepRig();
    const to = ['nobody@example.com', 'oncall@example.com'];
    const channel = smtp(server, { auth: auth(), ca: ca(), to });
    expect(await kind.run({ channel, text: 'x' }, rig.context)).toMatchObject({ delivered: ['smtp'] });
    expect(rig.logs).toEqual(['the mail server did not take nobody@example.com']);
  });

  test('no recipient at all is taken', async () => {
    const server = await started({ ...certificates.server });
    const error = await failureOf(
      deliver(smtp(server, { auth: auth(), ca: ca(), to: ['nobody@example.com'] })),
    );
    expect(error.details['failed']).toMatchObject([{ code: 'refused' }]);
  });

  test('nobody there', async () => {
    const server = await serveMail({ ...certificates.server });
    await server.close();
    const error = await failureOf(deliver(smtp(server, {})));
    expect(error.details['failed']).toMatchObject([{ code: 'unreachable' }]);
  });

  test('a server that says nothing is left when the step is stopped', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => void sockets.push(socket));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    closers.push(async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => silent.close(resolve));
    });
    const rig = stepRig();
    silent.once('connection', () => rig.abort());
    const { port } = silent.address() as AddressInfo;
    const channel = { smtp: { host: '127.0.0.1', port, from: 'a@example.com', to: ['b@example.com'] } };
    await expect(kind.run({ channel, text: 'x' }, rig.context)).rejects.toThrow('stopped');
  });
});

describe('several ways', () => {
  const twoWays = async (): Promise<{ channel: ValueMap; down: HttpServerRig }> => {
    const down = await hook({ status: 410, body: 'channel_is_archived' });
    const slack = { url: secret('DRILLBOOK_TEST_SLACK', down.url) };
    return { channel: { slack, console: true }, down };
  };

  test('one that fails is noted, and the others deliver', async () => {
    const { channel } = await twoWays();
    const rig = stepRig();
    const output = await kind.run({ channel, text: 'x' }, rig.context);
    expect(output).toMatchObject({
      delivered: ['console'],
      failed: [{ way: 'slack', code: 'channel_is_archived' }],
    });
    expect(rig.logs.join('\n')).toContain('slack: Slack did not take the message (HTTP 410');
  });

  test('after a crash those that delivered are left out, and the others are used', async () => {
    const server = await hook({ status: 200, body: 'ok' });
    const slack = { url: secret('DRILLBOOK_TEST_SLACK', server.url) };
    const args = { channel: { console: true, slack }, text: 'x' };
    const rig = stepRig({ checkpoint: { delivered: ['console'] } });
    expect(await kind.reconcile?.(args, rig.context)).toEqual({ verdict: 'reattach' });
    expect(await kind.run(args, rig.context)).toEqual({ delivered: ['console', 'slack'], failed: [] });
    expect(rig.logs).toEqual([]);
    expect(rig.checkpoints).toEqual([{ delivered: ['console', 'slack'] }]);
  });

  test('a way that nobody here knows is an error, before anything is delivered', async () => {
    const rig = stepRig();
    const channel = { console: true, pigeon: { loft: 'north' } };
    const error = await failureOf(kind.run({ channel, text: 'x' }, rig.context));
    expect(error).toMatchObject({ code: 'channelUnsupported', changed: 'nothing' });
    expect(rig.logs).toEqual([]);
  });

  test('a channel without a way to reach anybody', async () => {
    const work = kind.run({ channel: { name: 'ops', console: false }, text: 'x' }, stepRig().context);
    expect(await failureOf(work)).toMatchObject({ code: 'notConfigured' });
  });
});

test('its failure never stops a recovery by itself', () => {
  expect(kind.failureIsNoted).toBe(true);
  expect(kind.effect({ channel: { console: true }, text: 'x' })).toBe('none');
  expect(kind.effect({ channel: { console: true, slack: {} }, text: 'x' })).toBe('write');
  expect(kind.describe({ channel: { console: true }, text: 'We are back.\nThank you.' })).toBe(
    'Tell console: We are back.',
  );
});

test('the environment knows the ways, and takes no secret as plain text', async () => {
  const load = (ops: string) =>
    loadEnvironment(
      new SourceFile('e.yaml', `version: 1\nname: staging\nkind: staging\nchannels:\n  ops: ${ops}\n`),
    );
  const good = await load(
    '{ console: true, slack: { url: { env: A } }, pagerduty: { routingKey: { env: B } }, ' +
      'smtp: { host: mail, from: a@b.c, to: [d@e.f], auth: { username: u, password: { env: C } } } }',
  );
  expect(good.diagnostics).toEqual([]);
  expect((await load('{ slack: { url: "https://hooks.slack.com/x" } }')).value).toBeUndefined();
  expect((await load('{ pigeon: { loft: north } }')).value).toBeUndefined();
});
