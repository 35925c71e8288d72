import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sendAsTrace } from '../../engine/cli/send-trace.ts';
import { spansOf } from '../../engine/measure/trace.ts';
import type { EventBody } from '../../engine/model/event.ts';
import { Story, anyEvents, finished, resumed, started, stepFinished, stepStarted } from '../measure/rig.ts';
import fc from '../rig/fast-check.ts';

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: string; readonly boolValue?: boolean };
}

interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
  readonly events: readonly {
    readonly name: string;
    readonly timeUnixNano: string;
    readonly attributes: readonly Attribute[];
  }[];
  readonly status: { readonly code?: string; readonly message?: string };
}

interface Request {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly ReceivedSpan[] }[];
  }[];
}

/** The messages of OpenTelemetry, compiled from its own definitions. */
const { opentelemetry } = createRequire(import.meta.url)('otlp-protocol/build/src/generated/root.js') as {
  readonly opentelemetry: {
    readonly proto: {
      readonly collector: {
        readonly trace: { readonly v1: { readonly ExportTraceServiceRequest: Message } };
      };
    };
  };
};

interface Message {
  decode(bytes: Buffer): unknown;
  toObject(message: unknown, options: Readonly<Record<string, unknown>>): Request;
}

const { ExportTraceServiceRequest } = opentelemetry.proto.collector.trace.v1;

/** A receiver of OTLP over HTTP that reads what it is sent as the standard's own definitions say. */
async function receiver(status = 200) {
  const received: { path: string; headers: IncomingHttpHeaders; bytes: Buffer; request: Request }[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((bytes) => {
      const message = ExportTraceServiceRequest.decode(bytes);
      const decoded = ExportTraceServiceRequest.toObject(message, {
        longs: String,
        enums: String,
        bytes: String,
      });
      received.push({ path: request.url ?? '', headers: request.headers, bytes, request: decoded });
      response.writeHead(status, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const spans = (): readonly ReceivedSpan[] =>
    received.flatMap(({ request }) =>
      request.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
    );
  return { url, received, spans };
}

const attributesOf = (attributes: readonly Attribute[]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

const hexOf = (base64: string): string => Buffer.from(base64, 'base64').toString('hex');

const failedAttempt = (key: string): EventBody => ({
  type: 'step.attemptFailed',
  key,
  attempt: 1,
  error: { code: 'unreachable', message: 'no answer', changed: 'nothing', retryable: true },
});

/** A phase with a step that is tried twice and answered at a gate, and a step of an item of a loop. */
const drill = () =>
  new Story()
    .add(started({ playbook: 'p', title: 'P' }))
    .wait(1000)
    .add({ type: 'scope.entered', key: 'contain', kind: 'phase', title: 'Contain' })
    .add({ type: 'gate.opened', key: 'restore', gate: 'restore#1', question: { secret: 'the question' } })
    .wait(5000)
    .add({
      type: 'gate.answered',
      key: 'restore',
      gate: 'restore#1',
      answer: 'go',
      by: 'ada',
      values: 'the values',
    })
    .add({ ...stepStarted('restore', 'Restore'), args: { password: 'the arguments' } } as EventBody)
    .wait(2000)
    .add(failedAttempt('restore'))
    .wait(3000)
    .add({ ...stepFinished('restore', 'succeeded', 'Restore'), output: 'the output' } as EventBody)
    .add({ type: 'scope.entered', key: 'each', kind: 'forEach', title: 'Each' })
    .add({ type: 'scope.entered', key: 'each[a]', kind: 'item', title: 'a' })
    .add({ type: 'scope.entered', key: 'each/b', kind: 'item', title: 'b' })
    .add(stepStarted('each/b/copy', 'Copy'))
    .wait(500)
    .add(stepFinished('each/b/copy', 'failed', 'Copy'))
    .add({ type: 'note.added', text: 'slow today', by: 'ada' })
    .add(finished());

describe('a run as a trace', () => {
  it('has a span for each step below what is around it, with attempts, gates and notes as events', async () => {
    const { url, received, spans } = await receiver();
    const { events } = drill();
    const said = await sendAsTrace('20261122-1455-abcd', events, url);
    expect(received).toMatchObject([
      { path: '/v1/traces', headers: { 'content-type': 'application/x-protobuf' } },
    ]);
    const [resource] = received.flatMap(({ request }) => request.resourceSpans);
    expect(attributesOf(resource?.resource.attributes ?? [])).toMatchObject({ 'service.name': 'drillbook' });
    const byName = new Map(spans().map((span) => [span.name, span]));
    const parentOf = (name: string): string | undefined =>
      spans().find(({ spanId }) => spanId === byName.get(name)?.parentSpanId)?.name;
    expect(['Contain', 'Restore', 'b', 'Copy'].map(parentOf)).toEqual(['drill p', 'Contain', 'Each', 'b']);
    const restore = byName.get('Restore');
    expect(Number(BigInt(restore?.endTimeUnixNano ?? 0) - BigInt(restore?.startTimeUnixNano ?? 0))).toBe(5e9);
    expect(restore?.events.map(({ name }) => name)).toEqual(['step.attemptFailed']);
    expect(byName.get('Contain')?.events.map(({ name }) => name)).toEqual(['gate.opened', 'gate.answered']);
    expect(byName.get('drill p')?.events.map(({ name }) => name)).toEqual(['note.added']);
    expect(attributesOf(byName.get('drill p')?.attributes ?? [])).toMatchObject({
      'drillbook.run': '20261122-1455-k3f9',
      'drillbook.outcome': 'succeeded',
    });
    expect(byName.get('Copy')?.status.code).toBe('STATUS_CODE_ERROR');
    expect(said).toContain(hexOf(restore?.traceId ?? ''));
  });

  it('says nothing of what steps and questions were given and gave', async () => {
    const { url, received } = await receiver();
    await sendAsTrace('a', drill().events, url);
    const sent = received[0]?.bytes.toString('latin1') ?? '';
    for (const inside of ['the question', 'the values', 'the arguments', 'the output'])
      expect(sent).not.toContain(inside);
    expect(sent).toContain('Restore');
  });

  it('is the same trace when it is sent again', async () => {
    const { url, spans } = await receiver();
    const { events } = drill();
    for (let time = 0; time < 2; time++) await sendAsTrace('a', events, `${url}/v1/traces`);
    const ids = spans().map(({ traceId, spanId }) => `${traceId} ${spanId}`);
    expect(ids.slice(0, ids.length / 2)).toEqual(ids.slice(ids.length / 2));
    expect(new Set(ids).size).toBe(ids.length / 2);
  });

  it('shows a step again that a later life of the run began again', () => {
    const { events } = new Story()
      .add(started(), stepStarted('a', 'A'))
      .die(60_000)
      .add(resumed, stepStarted('a', 'A'))
      .wait(1000)
      .add(stepFinished('a', 'succeeded', 'A'), finished());
    expect(spansOf(events).map(({ name, status }) => [name, status])).toEqual([
      ['drill database-corruption', 'ok'],
      ['A', 'unset'],
      ['A', 'ok'],
    ]);
  });

  it('has of any journal spans that end after they begin, each inside of another, of its own key', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        const spans = spansOf(events);
        const keys = spans.map(({ key }) => key);
        expect(new Set(keys).size).toBe(keys.length);
        for (const [index, { from, to, parent }] of spans.entries()) {
          expect(to).toBeGreaterThanOrEqual(from);
          if (index > 0) expect(keys.slice(0, index)).toContain(parent);
        }
      }),
    );
  });

  it.each([
    ['a receiver that refuses it', async () => (await receiver(400)).url, 'was not sent to 127.0.0.1'],
    ['nobody who listens', () => Promise.resolve('http://127.0.0.1:1'), 'was not sent to 127.0.0.1:1'],
    ['no address', () => Promise.resolve('collector:4318'), '--otlp collector:4318 is no address'],
  ])('says so of %s', async (_, url, message) => {
    await expect(sendAsTrace('a', drill().events, await url())).rejects.toThrow(message);
  });
});
