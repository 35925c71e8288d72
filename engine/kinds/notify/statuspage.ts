import type { JsonObject } from '../../base/json.ts';
import { readJson } from '../../base/json-text.ts';
import type { Value, ValueMap } from '../../base/value.ts';
import { isValueList, isValueMap } from '../../base/value.ts';
import { StepError } from '../../model/kind.ts';
import type { HttpResponse } from '../http/transport.ts';
import { pause } from '../context/activity.ts';
import { optionalText, text, texts } from '../context/members.ts';
import { plainText } from '../context/reveal.ts';
import type { Message, Speaker } from './message.ts';
import { announced } from './message.ts';
import type { Call } from './webhook.ts';
import { call, webhookUrl } from './webhook.ts';

/** Where incidents go when the channel names no address of its own. */
export const STATUSPAGE_URL = 'https://api.statuspage.io';

/** Of an incident and of the components that it concerns: https://developer.statuspage.io/#tag/incidents */
const STATUS = { trigger: 'investigating', acknowledge: 'identified', resolve: 'resolved' } as const;
const IMPACT = { critical: 'critical', error: 'major', warning: 'minor', info: 'none' } as const;
/** That of each component, while the incident lasts. */
const COMPONENT = {
  critical: 'major_outage',
  error: 'major_outage',
  warning: 'partial_outage',
  info: 'under_maintenance',
} as const;

const PAUSE_MS = 1000;

/** The page and how it is reached. */
interface Page {
  readonly incidents: URL;
  readonly components: readonly string[];
  readonly send: (method: Call['method'], url: URL, body?: JsonObject) => Promise<HttpResponse>;
}

/**
 * Posts to a status page of Statuspage: what is told first opens an incident, whatever follows in the run is an
 * update of it. The incident bears the run's id, so that any step and any life of the run finds it again, and what
 * stands there already is not said twice. Resolves with what is worth noting.
 */
export async function toStatuspage(
  settings: Value,
  message: Message,
  speaker: Speaker,
): Promise<string | undefined> {
  const page = await pageOf(isValueMap(settings) ? settings : {}, speaker);
  const open = await openIncident(page, speaker);
  if (open === undefined && message.event === 'resolve') {
    return 'the status page has no open incident of this run: it was closed by hand, or never opened';
  }
  const body = announced(message.text, speaker);
  const status = open === undefined || message.event !== 'trigger' ? STATUS[message.event] : statusOf(open);
  if (open !== undefined && says(open, status, body)) return undefined;
  const incident = {
    ...{ status, body },
    ...componentsOf(page, message),
    ...(open === undefined && {
      name: announced(message.subject, speaker),
      impact_override: IMPACT[message.severity ?? 'error'],
      metadata: { drillbook: { run: speaker.run.id } },
    }),
  };
  await (open === undefined
    ? openOnce(page, incident, speaker)
    : page.send('PATCH', below(page.incidents, text(open, 'id')), { incident }));
  return undefined;
}

/** A service in trouble may have opened it all the same: that is looked at before another try. */
async function openOnce(page: Page, incident: JsonObject, speaker: Speaker): Promise<void> {
  try {
    await page.send('POST', page.incidents, { incident });
  } catch (error) {
    if (!(error instanceof StepError) || !error.retryable) throw error;
    await pause(speaker, PAUSE_MS);
    if ((await openIncident(page, speaker)) === undefined) {
      await page.send('POST', page.incidents, { incident });
    }
  }
}

async function pageOf(channel: ValueMap, speaker: Speaker): Promise<Page> {
  const base = webhookUrl(optionalText(channel, 'url') ?? STATUSPAGE_URL, 'the status page');
  const key = await plainText(channel['key'] ?? '', 'statuspage.key', speaker);
  return {
    incidents: below(base, `v1/pages/${encodeURIComponent(text(channel, 'page'))}/incidents`),
    components: texts(channel, 'components'),
    send: async (method, url, body) => {
      const answer = await call(url, speaker, {
        method,
        headers: { authorization: `OAuth ${key}` },
        repeatable: method !== 'POST',
        ...(method === 'POST' && { attempts: 1 }),
        ...(body !== undefined && { body }),
      });
      if (answer.status >= 200 && answer.status < 300) return answer;
      throw refused(answer);
    },
  };
}

const below = (url: URL, path: string): URL => new URL(`${url.href.replace(/\/$/, '')}/${path}`);

/** The run's own, found by what it was marked with. */
async function openIncident({ incidents, send }: Page, { run }: Speaker): Promise<ValueMap | undefined> {
  const answer = await send('GET', below(incidents, 'unresolved'));
  const all = readJson(answer.body.toString('utf8'));
  return (isValueList(all) ? all : []).filter(isValueMap).find(({ metadata }) => {
    const own = isValueMap(metadata) ? metadata['drillbook'] : undefined;
    return isValueMap(own) && own['run'] === run.id;
  });
}

const statusOf = (incident: ValueMap): string => optionalText(incident, 'status') ?? STATUS.trigger;

/** Whether its newest update says this already, as after a crash just behind the update. */
function says(incident: ValueMap, status: string, body: string): boolean {
  const updates = incident['incident_updates'];
  const newest = isValueList(updates) ? updates[0] : undefined;
  return isValueMap(newest) && newest['status'] === status && newest['body'] === body;
}

function componentsOf({ components }: Page, { event, severity }: Message): JsonObject {
  if (components.length === 0) return {};
  const status = event === 'resolve' ? 'operational' : COMPONENT[severity ?? 'error'];
  return {
    component_ids: [...components],
    components: Object.fromEntries(components.map((id) => [id, status])),
  };
}

function refused({ status, body }: HttpResponse): StepError {
  const said = body.toString('utf8').trim().slice(0, 200);
  return new StepError(
    `the status page did not take the message (HTTP ${String(status)}${said === '' ? '' : `: ${said}`})`,
    {
      code: String(status),
      retryable: status >= 500 || status === 429 || status === 420,
      ...((status === 401 || status === 403) && { hint: 'Is "key" an API key that may edit this page?' }),
      ...(status === 404 && { hint: 'Is "page" the id of the page, as the API shows it?' }),
    },
  );
}
