import type { ValueMap } from '../../../base/value.ts';
import { isValueMap } from '../../../base/value.ts';
import { StepError } from '../../../model/kind.ts';
import type { RenderClient } from './client.ts';
import type { Difference } from './differences.ts';

/** What makes a service what it is; the values of its variables are secrets, and never leave this file. */
interface ServiceSettings {
  /** By the name that Render's answers give it; what a service does not have is not there. */
  readonly said: ReadonlyMap<string, string>;
  readonly variables: ReadonlyMap<string, string>;
}

const OF_SERVICE = ['type', 'repo', 'branch', 'rootDir', 'imagePath'];
const OF_DETAILS = ['runtime', 'plan', 'buildPlan', 'numInstances', 'healthCheckPath'];
const OF_COMMANDS = [
  'buildCommand',
  'preDeployCommand',
  'startCommand',
  'dockerCommand',
  'dockerContext',
  'dockerfilePath',
];

/**
 * What differs between two services: how they are set, what was deployed (the image's digest, else the commit: it
 * brings its migrations with it), and their variables, told by name and never by value. Names in `except`
 * (`plan`, `variables.DATABASE_URL`) are meant to differ.
 */
export async function compareServices(
  client: RenderClient,
  { wanted, found, except }: { wanted: string; found: string; except: readonly string[] },
): Promise<readonly Difference[]> {
  const [one, other] = [await read(client, wanted), await read(client, found)];
  const names = [...new Set([...one.said.keys(), ...other.said.keys()])];
  const keys = [...new Set([...one.variables.keys(), ...other.variables.keys()])].sort();
  const differences = [
    ...names
      .filter((name) => one.said.get(name) !== other.said.get(name))
      .map((setting) => ({
        setting,
        wanted: one.said.get(setting) ?? 'none',
        found: other.said.get(setting) ?? 'none',
      })),
    ...keys
      .filter((key) => one.variables.get(key) !== other.variables.get(key))
      .map((key) => ({
        setting: `variables.${key}`,
        ...saidOf(one.variables.has(key), other.variables.has(key)),
      })),
  ];
  const meant = new Set(except);
  return differences.filter(({ setting }) => !meant.has(setting));
}

const saidOf = (isWanted: boolean, isFound: boolean): { wanted: string; found: string } => ({
  wanted: isWanted ? 'a value' : 'not set',
  found: !isFound ? 'not set' : isWanted ? 'another value' : 'a value',
});

async function read(client: RenderClient, id: string): Promise<ServiceSettings> {
  const path = `/services/${encodeURIComponent(id)}`;
  const service = await client.get(path);
  if (!isValueMap(service)) {
    throw new StepError('Render answered with something that is not a service', { code: 'badAnswer' });
  }
  const details = mapIn(service, 'serviceDetails');
  const said = new Map([
    ...textsIn(service, OF_SERVICE),
    ...textsIn(details, OF_DETAILS),
    ...textsIn(mapIn(details, 'envSpecificDetails'), OF_COMMANDS),
  ]);
  const deployed = await deployedOf(client, path);
  if (deployed !== undefined) said.set('deployed', deployed);
  return { said, variables: await variablesOf(client, path) };
}

/** Of the newest deploy that went live, also where the service has been suspended since. */
async function deployedOf(client: RenderClient, path: string): Promise<string | undefined> {
  for await (const deploy of client.list(`${path}/deploys`, 'deploy', { limit: '20' })) {
    if (!isValueMap(deploy)) continue;
    const { status } = deploy;
    if (typeof status !== 'string' || !WENT_LIVE.has(status)) continue;
    const image = mapIn(deploy, 'image');
    const [text] = [image['sha'], image['ref'], mapIn(deploy, 'commit')['id']].filter(
      (item) => typeof item === 'string',
    );
    return text;
  }
  return undefined;
}

const WENT_LIVE: ReadonlySet<string> = new Set(['live', 'deactivated']);

async function variablesOf(client: RenderClient, path: string): Promise<ReadonlyMap<string, string>> {
  const variables = new Map<string, string>();
  for await (const variable of client.list(`${path}/env-vars`, 'envVar')) {
    const { key, value } = isValueMap(variable) ? variable : {};
    if (typeof key === 'string' && typeof value === 'string') variables.set(key, value);
  }
  return variables;
}

const mapIn = (map: ValueMap, key: string): ValueMap => {
  const value = map[key];
  return isValueMap(value) ? value : {};
};

const textsIn = (map: ValueMap, keys: readonly string[]): readonly (readonly [string, string])[] =>
  keys.flatMap((key) => {
    const value = map[key];
    return typeof value === 'string' || typeof value === 'number' ? [[key, String(value)] as const] : [];
  });
