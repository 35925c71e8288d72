import type { JsonObject } from '../../base/json.ts';
import { readJson } from '../../base/json-text.ts';
import type { Value } from '../../base/value.ts';
import { isValueList, isValueMap } from '../../base/value.ts';
import { StepError } from '../../model/kind.ts';
import { optionalText } from '../context/members.ts';
import { plainText } from '../context/reveal.ts';
import type { Message, Speaker } from './message.ts';
import { announced } from './message.ts';
import { post, webhookUrl } from './webhook.ts';

/** Where events go when the channel names no address of its own. */
export const PAGERDUTY_URL = 'https://events.pagerduty.com/v2/enqueue';
/** https://developer.pagerduty.com/docs/send-alert-event */
const MAX_SUMMARY = 1024;

/**
 * Sends an event to PagerDuty's Events API v2. All events of a run have one deduplication key, so that what
 * one step triggers a later one acknowledges and resolves, and one sent twice makes no second incident.
 */
export async function toPagerDuty(settings: Value, message: Message, speaker: Speaker): Promise<string> {
  const channel = isValueMap(settings) ? settings : {};
  const url = webhookUrl(optionalText(channel, 'url') ?? PAGERDUTY_URL, 'PagerDuty');
  const body = {
    routing_key: await plainText(channel['routingKey'] ?? '', 'pagerduty.routingKey', speaker),
    event_action: message.event,
    dedup_key: dedupKey(speaker),
    ...(message.event === 'trigger' && { payload: payloadOf(message, speaker), client: 'drillbook' }),
  };
  const answer = await post(url, body, speaker, { repeatable: true });
  if (answer.status === 202) return dedupKey(speaker);
  throw refused(answer.status, answer.body.toString('utf8'));
}

/** The same in every step and every life of a run. */
export const dedupKey = ({ run, environment }: Pick<Speaker, 'run' | 'environment'>): string =>
  `drillbook/${environment.name}/${run.id}`;

const payloadOf = (message: Message, speaker: Speaker): JsonObject => ({
  summary: announced(message.subject, speaker).slice(0, MAX_SUMMARY),
  source: `drillbook, environment ${speaker.environment.name}`,
  severity: message.severity ?? 'error',
  timestamp: speaker.clock.now().toString(),
  class: 'disaster recovery',
  custom_details: { text: message.text, run: speaker.run.id, step: speaker.step },
});

function refused(status: number, body: string): StepError {
  const said = problemsOf(body);
  return new StepError(`PagerDuty did not take the event (HTTP ${status}${said === '' ? '' : `: ${said}`})`, {
    code: String(status),
    retryable: status >= 500 || status === 429,
    ...(status === 400 && {
      hint: 'Is "routingKey" the integration key of a service with an Events API v2 integration?',
    }),
  });
}

/** `{ status, message, errors: [...] }`, where it is that. */
function problemsOf(body: string): string {
  try {
    const json = readJson(body);
    if (!isValueMap(json)) return '';
    const { message, errors } = json;
    const texts = [message, ...(isValueList(errors) ? errors : [])];
    return texts.filter((text) => typeof text === 'string').join('; ');
  } catch {
    return body.trim().slice(0, 200);
  }
}
