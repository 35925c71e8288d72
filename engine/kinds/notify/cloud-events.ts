import { isValueMap } from '../../base/value.ts';
import type { CloudEvent } from '../../model/cloud-event.ts';
import type { Environment } from '../../model/environment.ts';
import type { SecretResolver } from '../../model/handle.ts';
import { StepError } from '../../model/kind.ts';
import { plainText } from '../context/reveal.ts';
import { exchange } from '../http/transport.ts';
import { webhookUrl } from './webhook.ts';

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 64 * 1024;

/** Where events go. */
export interface EventAddress {
  readonly url: URL;
  readonly bearer?: string;
}

/** The address that the environment names under `events`. Rejects with a `StepError` where its secret is not there. */
export async function eventAddress(
  { data }: Environment,
  secrets: SecretResolver,
  signal: AbortSignal,
): Promise<EventAddress> {
  const { events } = data;
  const { url = '', auth } = isValueMap(events) ? events : {};
  const reader = { secrets, signal };
  const text = await plainText(url, 'events.url', reader);
  const bearer = isValueMap(auth)
    ? await plainText(auth['bearer'] ?? '', 'events.auth.bearer', reader)
    : undefined;
  return { url: webhookUrl(text, 'events'), ...(bearer !== undefined && { bearer }) };
}

/** Why an event was not taken; `isFinal`: offering it again is of no use. */
export interface NotTaken {
  readonly why: string;
  readonly isFinal: boolean;
}

/** Client errors that pass by themselves. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);

/** Sends one event, whole in the body (the structured mode of CloudEvents over HTTP). Undefined when it was taken. */
export async function sendEvent(
  event: CloudEvent,
  { url, bearer }: EventAddress,
  signal: AbortSignal,
): Promise<NotTaken | undefined> {
  const headers = {
    'content-type': 'application/cloudevents+json; charset=utf-8',
    ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
  };
  try {
    const { status } = await exchange({
      ...{ url, method: 'POST', headers, body: JSON.stringify(event) },
      ...{ timeoutMs: TIMEOUT_MS, signal, maxBytes: MAX_BYTES },
    });
    if (status >= 200 && status < 300) return undefined;
    return { why: `HTTP ${String(status)}`, isFinal: status < 500 && !PASSING.has(status) };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof StepError) return { why: error.message, isFinal: false };
    throw error;
  }
}
