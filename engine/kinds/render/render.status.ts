import { readJson } from '../../base/json-text.ts';
import type { Value, ValueMap } from '../../base/value.ts';
import { isValueList, isValueMap } from '../../base/value.ts';
import { StepError } from '../../model/kind.ts';
import type { StepKind } from '../../model/kind.ts';
import { exchange } from '../http/transport.ts';
import { renderStatusPage } from './client/config.ts';
import type { Output, With } from '../types.ts';

type Result = Output['render.status'];

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Reads Render's status page (an Atlassian Statuspage). It is written by people and lags, and
 * says nothing about one's own instance: it is shown, and never decides. So its failure stops no run.
 */
export const renderStatus: StepKind<With['render.status'], Result> = {
  name: 'render.status',
  failureIsNoted: true,
  effect: () => 'read',
  describe: () => "Read Render's status page",
  byHand: (_args, environment) => `curl -fsS ${renderStatusPage(environment)}/api/v2/summary.json`,
  targets: () => [],
  async run(_args, context) {
    const url = new URL(`${renderStatusPage(context.environment)}/api/v2/summary.json`);
    const response = await exchange({
      url,
      method: 'GET',
      headers: { accept: 'application/json' },
      timeoutMs: TIMEOUT_MS,
      signal: context.signal,
      maxBytes: MAX_BYTES,
    });
    return summaryOf(parse(response.body.toString('utf8'), response.status, url.host));
  },
};

function parse(body: string, status: number, host: string): ValueMap {
  try {
    const json = readJson(body);
    if (status === 200 && isValueMap(json)) return json;
  } catch {
    // Said below: no page that cannot be read is told from another.
  }
  throw new StepError(`the status page at ${host} gave no summary (HTTP ${status})`, {
    code: status === 200 ? 'badAnswer' : String(status),
    retryable: true,
  });
}

function summaryOf(json: ValueMap): Result {
  const status = isValueMap(json['status']) ? json['status'] : {};
  const components = objects(json['components']).filter((component) => component['group'] !== true);
  return {
    indicator: word(status, 'indicator'),
    description: word(status, 'description'),
    incidents: objects(json['incidents']).map((incident) => ({
      name: word(incident, 'name'),
      status: word(incident, 'status'),
      impact: word(incident, 'impact'),
      url: word(incident, 'shortlink'),
    })),
    components: components.map((component) => ({
      name: word(component, 'name'),
      status: word(component, 'status'),
    })),
    degraded: components
      .filter((component) => word(component, 'status') !== 'operational')
      .map((component) => word(component, 'name')),
  };
}

const objects = (json: Value | undefined): readonly ValueMap[] =>
  isValueList(json) ? json.filter(isValueMap) : [];

/** What is missing or no text is `unknown`: values that nobody has seen yet are taken as they come. */
const word = (json: ValueMap, key: string): string => {
  const value = json[key];
  return typeof value === 'string' ? value : 'unknown';
};
