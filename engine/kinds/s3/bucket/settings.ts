import { readJson, writeJson } from '../../../base/json-text.ts';
import type { Value } from '../../../base/value.ts';
import { isValueList, isValueMap } from '../../../base/value.ts';
import { StepError } from '../../../model/kind.ts';
import type { S3Client } from '../client/client.ts';
import { ACCESS_SETTINGS } from './access-settings.ts';
import { isEmpty } from './meaning.ts';
import type { SettingName } from './names.ts';
import { OBJECT_SETTINGS } from './object-settings.ts';
import type { Setting } from './setting.ts';

const SETTINGS: Readonly<Record<SettingName, Setting>> = { ...OBJECT_SETTINGS, ...ACCESS_SETTINGS };

/** Reads a setting; `refused` with S3's code where it may not be read or is not known there. */
export async function readSetting(
  client: S3Client,
  name: SettingName,
): Promise<{ readonly value: Value } | { readonly refused: StepError }> {
  const { read, absent, empty } = SETTINGS[name];
  const answer = await client.attempt((s3, http) => read(s3, client.ownBucket, http));
  if ('value' in answer) return { value: jsonOf(answer.value) ?? empty };
  if (answer.refusal.code === absent) return { value: empty };
  return { refused: client.error(answer.refusal, `read the ${name} of ${client.bucket}`) };
}

/** Writes a setting; an empty value takes it away. */
export async function writeSetting(client: S3Client, name: SettingName, value: Value): Promise<void> {
  const { write, remove } = SETTINGS[name];
  const doing = `set the ${name} of ${client.bucket}`;
  if (!isEmpty(value)) {
    await client.ask(doing, (s3, http) => write(s3, client.ownBucket, http, withDates(value) as never));
    return;
  }
  if (remove === undefined) throw neverAgain(client, name);
  await client.ask(doing, (s3, http) => remove(s3, client.ownBucket, http));
}

const neverAgain = (client: S3Client, name: SettingName): StepError =>
  new StepError(`the ${name} of ${client.bucket} cannot be taken away`, {
    code: 'usage',
    hint:
      name === 'objectLock'
        ? 'Without a Rule nothing is locked that comes: say { ObjectLockEnabled: Enabled }.'
        : name === 'requestPayment'
          ? 'Somebody always pays: say "requestPayment: BucketOwner".'
          : `It can be suspended: say "${name}: Suspended".`,
  });

/** As JSON: moments as texts, and without what is not there. */
const jsonOf = (value: unknown): Value | undefined =>
  value === undefined ? undefined : readJson(writeJson(value));

/** Days of rules, which the SDK takes as moments. */
function withDates(value: Value): unknown {
  if (isValueList(value)) return value.map(withDates);
  if (!isValueMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const isMoment = name === 'Date' && typeof member === 'string' && !Number.isNaN(Date.parse(member));
      return [name, isMoment ? new Date(member) : withDates(member)];
    }),
  );
}
