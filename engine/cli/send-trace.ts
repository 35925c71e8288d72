import { createHash } from 'node:crypto';
import { count } from '../base/human.ts';
import { sendTrace } from '../kinds/notify/otlp.ts';
import { spansOf } from '../measure/trace.ts';
import type { Event } from '../model/event.ts';
import type { Trace } from '../model/trace.ts';
import { CommandError, EXIT } from './exit.ts';
import { engineVersion } from './package-info.ts';

/** `drillbook report --otlp URL`: sends a run as a trace, and says what was sent. */
export async function sendAsTrace(run: string, events: readonly Event[], to: string): Promise<string> {
  const url = receiverAt(to);
  const trace = traceOf(run, events);
  const why = await sendTrace(trace, { url, version: engineVersion() });
  if (why === undefined)
    return `Sent the run ${run} to ${url.host}: trace ${trace.id}, ${count(trace.spans.length, 'span')}.`;
  throw new CommandError(`the run ${run} was not sent to ${url.host}: ${why}`, {
    exitCode: EXIT.failed,
    hint: 'The run is as it was. Look whether a receiver of OTLP over HTTP listens there (port 4318, path /v1/traces), and send it again.',
  });
}

/** An address without a path is that of a collector. */
function receiverAt(to: string): URL {
  const url = URL.canParse(to) ? new URL(to) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new CommandError(`--otlp ${to} is no address`, {
      exitCode: EXIT.invalid,
      hint: 'Write that of a receiver of OTLP over HTTP: http://collector:4318',
    });
  }
  if (url.pathname === '/') url.pathname = '/v1/traces';
  return url;
}

/** Ids are made of the run: one that is sent again is the same trace. */
function traceOf(run: string, events: readonly Event[]): Trace {
  const hex = (text: string, digits: number): string =>
    createHash('sha256').update(text).digest('hex').slice(0, digits);
  const startedAt = events[0]?.at ?? 0;
  const id = hex(`trace ${run} ${String(startedAt)}`, 32);
  const spanId = (key: string): string => hex(`span ${id} ${key}`, 16);
  const spans = spansOf(events).map(({ key, parent, ...span }) => ({
    ...span,
    id: spanId(key),
    ...(parent !== undefined && { parent: spanId(parent) }),
  }));
  return { id, spans };
}
