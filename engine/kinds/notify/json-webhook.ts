import type { Value } from '../../base/value.ts';
import { isValueMap } from '../../base/value.ts';
import { StepError } from '../../model/kind.ts';
import { plainText } from '../context/reveal.ts';
import type { Message, Speaker } from './message.ts';
import { announced } from './message.ts';
import { dedupKey } from './pagerduty.ts';
import { call, webhookUrl } from './webhook.ts';

/**
 * Posts a message as plain JSON to an address of one's own: a bot, a status page, whatever takes it from there. All
 * messages of a run have one `incident`, each step its own `id`, by which one that came twice is known.
 */
export async function toWebhook(settings: Value, message: Message, speaker: Speaker): Promise<void> {
  const channel = isValueMap(settings) ? settings : {};
  const url = webhookUrl(await plainText(channel['url'] ?? '', 'webhook.url', speaker), 'the webhook');
  const auth = isValueMap(channel['auth']) ? channel['auth'] : undefined;
  const bearer = auth && (await plainText(auth['bearer'] ?? '', 'webhook.auth.bearer', speaker));
  const { run, step, environment, clock } = speaker;
  const answer = await call(url, speaker, {
    method: 'POST',
    headers: bearer === undefined ? {} : { authorization: `Bearer ${bearer}` },
    repeatable: true,
    body: {
      id: `${run.id}/${step}`,
      incident: dedupKey(speaker),
      event: message.event,
      severity: message.severity ?? 'error',
      subject: announced(message.subject, speaker),
      text: announced(message.text, speaker),
      environment: environment.name,
      run: run.id,
      drill: run.mode === 'drill',
      at: clock.now().toString(),
    },
  });
  if (answer.status >= 200 && answer.status < 300) return;
  throw new StepError(`the webhook did not take the message (HTTP ${String(answer.status)})`, {
    code: String(answer.status),
    retryable: answer.status >= 500 || answer.status === 429,
  });
}
