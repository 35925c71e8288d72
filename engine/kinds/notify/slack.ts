import type { Value } from '../../base/value.ts';
import { isValueMap } from '../../base/value.ts';
import { StepError } from '../../model/kind.ts';
import { plainText } from '../context/reveal.ts';
import type { Message, Speaker } from './message.ts';
import { announced } from './message.ts';
import { post, webhookUrl } from './webhook.ts';

/** Slack cuts longer texts: https://docs.slack.dev/reference/methods/chat.postMessage/#truncating */
const MAX_TEXT = 40_000;

/** What Slack answers when it does not take a message: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/ */
const HINTS: Readonly<Record<string, string>> = {
  no_service:
    'The webhook was removed or its app uninstalled: make a new one, and put it where the secret is.',
  no_team: 'The workspace of the webhook is gone.',
  invalid_token: 'The address of the webhook is not complete.',
  channel_is_archived: 'The channel was archived: unarchive it, or make a webhook for another.',
  channel_not_found: 'The channel is gone: make a webhook for another.',
  action_prohibited: 'An administrator of the workspace does not allow it.',
};

/** Posts to an incoming webhook, whose address is its credential. */
export async function toSlack(settings: Value, message: Message, speaker: Speaker): Promise<void> {
  const given = isValueMap(settings) ? settings['url'] : undefined;
  const url = webhookUrl(await plainText(given ?? '', 'slack.url', speaker), "Slack's webhook");
  const text = escaped(announced(message.text, speaker)).slice(0, MAX_TEXT);
  const answer = await post(url, { text }, speaker, { repeatable: false });
  if (answer.status === 200) return;
  const said = answer.body.toString('utf8').trim().slice(0, 200);
  throw new StepError(
    `Slack did not take the message (HTTP ${answer.status}${said === '' ? '' : `, ${said}`})`,
    {
      code: said in HINTS ? said : String(answer.status),
      retryable: answer.status >= 500 || answer.status === 429,
      ...(HINTS[said] !== undefined && { hint: HINTS[said] }),
    },
  );
}

/** The three characters that Slack reads as markup: a text never calls everybody by accident. */
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
