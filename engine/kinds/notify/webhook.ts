import type { HttpResponse } from '../http/transport.ts';
import { exchange } from '../http/transport.ts';
import { pause } from '../context/activity.ts';
import { StepError } from '../../model/kind.ts';
import type { Speaker } from './message.ts';

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 1024 * 1024;
const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 1000;
/** A recovery does not wait longer for its own news. */
const LONGEST_PAUSE_MS = 10_000;

/** What is sent to a service. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly headers?: Readonly<Record<string, string>>;
  /** As JSON. */
  readonly body?: object;
  /** What may have arrived may be sent again. */
  readonly repeatable: boolean;
  /** How often it is offered at most; a few times when absent. */
  readonly attempts?: number;
}

/** Posts JSON. */
export const post = (
  url: URL,
  body: object,
  speaker: Speaker,
  { repeatable }: Pick<Call, 'repeatable'>,
): Promise<HttpResponse> => call(url, speaker, { method: 'POST', body, repeatable });

/**
 * Calls a service that says whether it took it. What was not taken because of too many requests or
 * the service's own trouble is offered again; so is what may not have arrived where `repeatable`.
 */
export async function call(url: URL, speaker: Speaker, what: Call): Promise<HttpResponse> {
  const { attempts = ATTEMPTS } = what;
  for (let attempt = 1; ; attempt++) {
    const answer = await once(url, speaker, what).catch((error: unknown) => {
      const known = error instanceof StepError;
      // What never reached the service cannot be taken twice.
      if (known && attempt < attempts && (what.repeatable || error.changed === 'nothing')) return undefined;
      throw error;
    });
    const refused = answer === undefined || answer.status === 429 || answer.status >= 500;
    if (!refused || (attempt === attempts && answer !== undefined)) return answer;
    await pause(speaker, pauseOf(answer, attempt));
  }
}

const once = (url: URL, { signal }: Speaker, { method, headers = {}, body }: Call): Promise<HttpResponse> =>
  exchange({
    url,
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    timeoutMs: TIMEOUT_MS,
    signal,
    maxBytes: MAX_BYTES,
  });

function pauseOf(answer: HttpResponse | undefined, attempt: number): number {
  const asked = Number(answer?.headers['retry-after'] ?? Number.NaN) * 1000;
  const millis = Number.isFinite(asked) && asked > 0 ? asked : FIRST_PAUSE_MS * 2 ** (attempt - 1);
  return Math.min(millis, LONGEST_PAUSE_MS);
}

/** The address of a webhook, which may be a secret: messages name only its host. */
export function webhookUrl(text: string, what: string): URL {
  if (URL.canParse(text) && /^https?:/.test(text)) return new URL(text);
  throw new StepError(`the address of ${what} is not an http or https URL`, {
    code: 'notConfigured',
    hint: 'Check the secret that holds it.',
  });
}
