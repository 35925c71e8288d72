import type { Trace, TraceSpan } from '../../model/trace.ts';

/** How long a receiver is waited for, attempts included. */
const TIMEOUT_MS = 20_000;

export interface OtlpReceiver {
  /** `http://collector:4318`, to which the standard path is added, or with a path of its own. */
  readonly url: URL;
  /** Of drillbook. */
  readonly version: string;
}

/**
 * Sends a run to a receiver of OpenTelemetry, as protocol buffers over HTTP, by the official SDK. Headers, certificates
 * and compression are what its variables say (`OTEL_EXPORTER_OTLP_HEADERS` and others). Undefined when it was taken,
 * else why not.
 */
export async function sendTrace(trace: Trace, { url, version }: OtlpReceiver): Promise<string | undefined> {
  const [{ OTLPTraceExporter }, sdk, { resourceFromAttributes }, api] = await Promise.all([
    import('@opentelemetry/exporter-trace-otlp-proto'),
    import('@opentelemetry/sdk-trace-base'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/api'),
  ]);
  const collected = new sdk.InMemorySpanExporter();
  let next: TraceSpan | undefined;
  const provider = new sdk.BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'drillbook', 'service.version': version }),
    // A run that is sent twice is one trace, not two.
    idGenerator: { generateTraceId: () => trace.id, generateSpanId: () => next?.id ?? '' },
    sampler: new sdk.AlwaysOnSampler(),
    spanLimits: { eventCountLimit: Number.POSITIVE_INFINITY },
    spanProcessors: [new sdk.SimpleSpanProcessor(collected)],
  });
  const tracer = provider.getTracer('drillbook', version);
  const codes = {
    ok: api.SpanStatusCode.OK,
    error: api.SpanStatusCode.ERROR,
    unset: api.SpanStatusCode.UNSET,
  };
  for (const span of trace.spans) {
    next = span;
    const around =
      span.parent === undefined
        ? api.ROOT_CONTEXT
        : api.trace.setSpanContext(api.ROOT_CONTEXT, {
            traceId: trace.id,
            spanId: span.parent,
            traceFlags: api.TraceFlags.SAMPLED,
          });
    const { name, from, to, attributes, events, status, message } = span;
    const made = tracer.startSpan(name, { startTime: clockOf(from), attributes }, around);
    for (const event of events) made.addEvent(event.name, event.attributes, clockOf(event.at));
    made.setStatus({ code: codes[status], ...(message !== undefined && { message }) });
    made.end(clockOf(to));
  }
  const exporter = new OTLPTraceExporter({ url: url.href, timeoutMillis: TIMEOUT_MS });
  try {
    return await new Promise((resolve) => {
      // Whatever was not taken has an error.
      exporter.export(collected.getFinishedSpans(), ({ error }) => resolve(error?.message));
    });
  } finally {
    await exporter.shutdown();
    await provider.shutdown();
  }
}

/** Seconds and nanoseconds since the epoch. */
const clockOf = (micros: number): [number, number] => [
  Math.floor(micros / 1_000_000),
  (micros % 1_000_000) * 1000,
];
