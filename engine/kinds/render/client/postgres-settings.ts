import type { Json, JsonObject } from '../../../base/json.ts';
import { canonicalJson, isJsonArray, isJsonObject, listOf } from '../../../base/json.ts';
import type { Value } from '../../../base/value.ts';
import { encodeValue, isValueMap } from '../../../base/value.ts';
import type { StepContext } from '../../../model/kind.ts';
import { StepError } from '../../../model/kind.ts';
import { poll } from '../../context/poll.ts';
import type { RenderClient } from './client.ts';
import type { Difference } from './differences.ts';
import { readPostgres } from './resources.ts';

interface Setting {
  /** As Render's answers name it, and differences do. */
  readonly name: string;
  /** As an order names it. */
  readonly ordered: string;
  /** Whether an instance that is there can still be given another. */
  readonly changeable: boolean;
}

const fixed = (name: string): Setting => ({ name, ordered: name, changeable: false });
const changeable = (name: string, ordered = name): Setting => ({ name, ordered, changeable: true });

/** All that Render lets one set of an instance and tells of it. A Datadog key can be set, and is never told. */
const SETTINGS: readonly Setting[] = [
  fixed('version'),
  fixed('region'),
  fixed('databaseName'),
  fixed('databaseUser'),
  fixed('environmentId'),
  changeable('plan'),
  changeable('ipAllowList'),
  changeable('diskSizeGB'),
  changeable('diskAutoscalingEnabled', 'enableDiskAutoscaling'),
  changeable('highAvailabilityEnabled', 'enableHighAvailability'),
  changeable('connectionPool'),
  changeable('parameterOverrides'),
  changeable('readReplicas'),
];

/** By the name of the setting; what an instance does not have, such as parameters of its own, is not there. */
export type PostgresSettings = JsonObject;

export async function readSettings(client: RenderClient, id: string): Promise<PostgresSettings> {
  return settingsIn(await client.get(`/postgres/${encodeURIComponent(id)}`));
}

const STANDBYS: ReadonlySet<string> = new Set(['highAvailabilityEnabled', 'readReplicas']);

/** Those of a copy that lives as long as a run: what stands by beside it would be billed, and serve nobody. */
export const withoutStandbys = (settings: PostgresSettings): PostgresSettings =>
  Object.fromEntries(Object.entries(settings).filter(([name]) => !STANDBYS.has(name)));

function settingsIn(answer: Value): PostgresSettings {
  if (!isValueMap(answer)) {
    throw new StepError('Render answered with something that is not a database', { code: 'badAnswer' });
  }
  return Object.fromEntries(
    SETTINGS.flatMap(({ name }) => {
      const value = answer[name];
      const plain = value === undefined || value === null ? undefined : withoutIds(encodeValue(value));
      return plain === undefined || isNothing(plain) ? [] : [[name, plain]];
    }),
  );
}

/** Read replicas have ids of their own, which no other instance can have. */
const withoutIds = (value: Json): Json =>
  isJsonArray(value)
    ? value.map((item) =>
        isJsonObject(item) ? Object.fromEntries(Object.entries(item).filter(([key]) => key !== 'id')) : item,
      )
    : value;

const isNothing = (value: Json): boolean =>
  isJsonObject(value) ? Object.keys(value).length === 0 : value === '';

/** The settings as members of an order. */
export const asOrder = (settings: PostgresSettings): JsonObject =>
  Object.fromEntries(
    SETTINGS.flatMap(({ name, ordered }) => {
      const value = settings[name];
      return value === undefined ? [] : [[ordered, value]];
    }),
  );

export function differencesOf(wanted: PostgresSettings, found: PostgresSettings): readonly Difference[] {
  return SETTINGS.filter(({ name }) => !isSame(wanted[name], found[name])).map(({ name }) => ({
    setting: name,
    wanted: shown(wanted[name]),
    found: shown(found[name]),
  }));
}

const isSame = (left: Json | undefined, right: Json | undefined): boolean =>
  canonicalJson(left ?? null) === canonicalJson(right ?? null);

/** `10.0.0.0/8 (office), …` for a list of ranges, `name=value` for parameters. */
function shown(value: Json | undefined): string {
  if (value === undefined) return 'none';
  if (isJsonArray(value)) return value.map(shownItem).join(', ') || 'none';
  return isJsonObject(value) ? shownParameters(value) : word(value);
}

function shownItem(item: Json): string {
  if (!isJsonObject(item)) return word(item);
  const { cidrBlock, description, name, parameterOverrides } = item;
  const more = isJsonObject(parameterOverrides) ? shownParameters(parameterOverrides) : description;
  const suffix = typeof more === 'string' && more !== '' ? ` (${more})` : '';
  return `${word(cidrBlock ?? name ?? '')}${suffix}`;
}

const word = (value: Json): string => (typeof value === 'string' ? value : canonicalJson(value));

const shownParameters = (parameters: JsonObject): string =>
  Object.entries(parameters)
    .map(([name, value]) => `${name}=${word(value)}`)
    .join(', ');

/** Whether the whole of the internet may come to its external address. */
export const isOpenToAll = (settings: PostgresSettings): boolean =>
  listOf(settings['ipAllowList']).some(
    (range) => isJsonObject(range) && word(range['cidrBlock'] ?? '').endsWith('/0'),
  );

/**
 * Gives an instance that is available the settings wanted that it lacks, as far as they can be changed, and tells
 * what differs after that. What Render refuses is told and is no failure: the instance is there and of use.
 */
export async function bringTo(
  wanted: PostgresSettings,
  context: StepContext,
  client: RenderClient,
  id: string,
): Promise<readonly Difference[]> {
  const found = await readSettings(client, id);
  const lacking = SETTINGS.filter(
    ({ name, changeable }) => changeable && name in wanted && !isSame(wanted[name], found[name]),
  );
  if (lacking.length === 0) return differencesOf(wanted, onlyOf(wanted, found));
  const update = async (settings: readonly Setting[]): Promise<void> => {
    const body = Object.fromEntries(
      settings.map(({ name, ordered }) => [ordered, wanted[name] ?? null]),
    ) satisfies JsonObject;
    try {
      await client.call({ method: 'PATCH', path: `/postgres/${encodeURIComponent(id)}` }, { body });
    } catch (error) {
      if (!(error instanceof StepError) || error.retryable) throw error;
      if (settings.length === 1) context.log(`${settings[0]?.name ?? ''} stays as it is: ${error.message}`);
      // An update is refused as a whole, for one of them.
      else for (const setting of settings) await update([setting]);
    }
  };
  await update(lacking);
  return differencesOf(wanted, onlyOf(wanted, await untilAvailableAgain(context, client, id)));
}

const onlyOf = (wanted: PostgresSettings, found: PostgresSettings): PostgresSettings =>
  Object.fromEntries(Object.entries(found).filter(([name]) => name in wanted));

async function untilAvailableAgain(
  context: StepContext,
  client: RenderClient,
  id: string,
): Promise<PostgresSettings> {
  await poll(context, {
    reason: 'Render changes the settings of the new database',
    read: () => readPostgres(client, id),
    done: ({ status }) => status === 'available',
    show: ({ status }) => `${id}: ${status}`,
  });
  return readSettings(client, id);
}
