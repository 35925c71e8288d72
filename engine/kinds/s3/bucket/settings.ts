import type { Json, JsonObject } from '../../../base/json.ts';
import { isJsonArray, isJsonObject } from '../../../base/json.ts';
import { StepError } from '../../../model/kind.ts';
import type { S3Client } from '../client/client.ts';
import { md5Header } from '../client/md5.ts';
import { membersToXml, xmlToMembers } from './settings-xml.ts';
import { childOf, parseXml } from '../client/xml.ts';

/**
 * A setting of a bucket: what the AWS CLI calls it in JSON, and where S3's HTTP keeps it. Nothing set
 * is the empty list, map or text.
 */
interface Setting {
  /** The query that names it. */
  readonly query: string;
  readonly root: string;
  readonly empty: Json;
  /** S3's code for nothing set. */
  readonly absent: string;
  /** Element of the list; for a setting that is a list. */
  readonly item?: string;
  /** The policy alone is JSON on the wire. */
  readonly isJson?: boolean;
}

/** In the order in which they must be written: replication demands versioning, a policy may be held off by the block. */
export const SETTINGS = {
  versioning: { query: 'versioning', root: 'VersioningConfiguration', empty: '', absent: '' },
  encryption: {
    query: 'encryption',
    root: 'ServerSideEncryptionConfiguration',
    empty: [],
    absent: 'ServerSideEncryptionConfigurationNotFoundError',
    item: 'Rule',
  },
  publicAccessBlock: {
    query: 'publicAccessBlock',
    root: 'PublicAccessBlockConfiguration',
    empty: {},
    absent: 'NoSuchPublicAccessBlockConfiguration',
  },
  policy: { query: 'policy', root: '', empty: {}, absent: 'NoSuchBucketPolicy', isJson: true },
  cors: {
    query: 'cors',
    root: 'CORSConfiguration',
    empty: [],
    absent: 'NoSuchCORSConfiguration',
    item: 'CORSRule',
  },
  tags: { query: 'tagging', root: 'Tagging', empty: {}, absent: 'NoSuchTagSet' },
  lifecycle: {
    query: 'lifecycle',
    root: 'LifecycleConfiguration',
    empty: [],
    absent: 'NoSuchLifecycleConfiguration',
    item: 'Rule',
  },
  replication: {
    query: 'replication',
    root: 'ReplicationConfiguration',
    empty: {},
    absent: 'ReplicationConfigurationNotFoundError',
  },
} as const satisfies Readonly<Record<string, Setting>>;

export type SettingName = keyof typeof SETTINGS;

export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[];

/** Reads a setting; `refused` with S3's code where it may not be read or is not known there. */
export async function readSetting(
  client: S3Client,
  name: SettingName,
): Promise<{ readonly value: Json } | { readonly refused: StepError }> {
  const setting: Setting = SETTINGS[name];
  const doing = `read the ${name} of ${client.bucket}`;
  const answer = await client.attempt({ method: 'GET', doing, query: { [setting.query]: '' } });
  if (!('refusal' in answer)) return { value: decode(name, setting, answer.text) };
  const { code } = answer.refusal;
  if (code === setting.absent) return { value: setting.empty };
  return { refused: client.error(answer.refusal, doing) };
}

/** Writes a setting; an empty value takes it away. */
export async function writeSetting(client: S3Client, name: SettingName, value: Json): Promise<void> {
  const setting: Setting = SETTINGS[name];
  const query = { [setting.query]: '' };
  const doing = `set the ${name} of ${client.bucket}`;
  if (isEmpty(value)) {
    if (name === 'versioning') throw neverAgain(client);
    await client.send({ method: 'DELETE', doing, query });
    return;
  }
  const body = encode(name, setting, value);
  await client.send({ method: 'PUT', doing, query, headers: md5Header(body), body });
}

const neverAgain = (client: S3Client): StepError =>
  new StepError(`versioning of ${client.bucket} cannot be taken away, only suspended`, {
    code: 'usage',
    hint: 'Say "versioning: Suspended".',
  });

const isEmpty = (value: Json): boolean =>
  value === '' ||
  (isJsonArray(value) ? value.length === 0 : isJsonObject(value) && Object.keys(value).length === 0);

function decode(name: SettingName, setting: Setting, text: string): Json {
  if (setting.isJson === true) return JSON.parse(text) as Json;
  const root = parseXml(text);
  if (name === 'versioning') return childOf(root, 'Status')?.text ?? '';
  if (name === 'tags') {
    const tags = childOf(root, 'TagSet')?.children ?? [];
    return Object.fromEntries(
      tags.map((tag) => [childOf(tag, 'Key')?.text ?? '', childOf(tag, 'Value')?.text ?? '']),
    );
  }
  if (setting.item === undefined) return root === undefined ? {} : xmlToMembers(root);
  return (root?.children ?? []).filter((child) => child.name === setting.item).map(xmlToMembers);
}

function encode(name: SettingName, setting: Setting, value: Json): string {
  if (setting.isJson === true) return JSON.stringify(value);
  return `<${setting.root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${content(name, setting, value)}</${setting.root}>`;
}

function content(name: SettingName, setting: Setting, value: Json): string {
  if (name === 'versioning') return membersToXml({ Status: value });
  if (name === 'tags') {
    const tags = Object.entries(isJsonObject(value) ? value : {}).map(([Key, Value]) => ({ Key, Value }));
    return membersToXml({ TagSet: { Tags: tags } });
  }
  if (setting.item === undefined || !isJsonArray(value))
    return membersToXml(isJsonObject(value) ? value : {});
  const rules = name === 'lifecycle' ? value.map(withFilter) : value;
  return rules
    .map(
      (rule) =>
        `<${setting.item ?? ''}>${membersToXml(isJsonObject(rule) ? rule : {})}</${setting.item ?? ''}>`,
    )
    .join('');
}

/** S3 demands a filter; a rule without one is meant for the whole bucket. */
const withFilter = (rule: Json): Json =>
  isJsonObject(rule) && !('Filter' in rule) && !('Prefix' in rule)
    ? withMember(rule, 'Filter', { Prefix: '' })
    : rule;

const withMember = (rule: JsonObject, name: string, value: Json): JsonObject => ({ ...rule, [name]: value });

/** Empty at every depth: a service may leave it out. */
const saysNothing = (value: Json): boolean =>
  isEmpty(value) || (isJsonObject(value) && Object.values(value).every(saysNothing));

/** Whether all of `wanted` is in `found`, which may say more: services add ids and defaults. */
export function isWithin(wanted: Json, found: Json | undefined): boolean {
  if (isJsonArray(wanted)) {
    if (found === undefined || !isJsonArray(found) || found.length !== wanted.length) return false;
    return wanted.every((item) => found.some((other) => isWithin(item, other)));
  }
  if (isJsonObject(wanted)) {
    return (
      isJsonObject(found) &&
      Object.entries(wanted).every(([key, value]) => saysNothing(value) || isWithin(value, found[key]))
    );
  }
  return String(wanted) === (found === undefined || typeof found === 'object' ? undefined : String(found));
}
