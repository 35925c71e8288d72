import { canonicalJson } from '../../base/json.ts';
import type { Value, ValueMap } from '../../base/value.ts';
import { decodeValue, encodeValue, isValueList, isValueMap, valueMap } from '../../base/value.ts';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { aws } from './client/by-hand.ts';
import type { S3Client } from './client/client.ts';
import { openBucket } from './client/client.ts';
import { afterwards } from './bulk/outcome.ts';
import { readWords, writeWords } from './bucket/by-hand.ts';
import { differences } from './bucket/difference.ts';
import { isEmpty, isSame, isWithin } from './bucket/meaning.ts';
import type { SettingName } from './bucket/names.ts';
import { SETTING_NAMES } from './bucket/names.ts';
import { readSetting, writeSetting } from './bucket/settings.ts';
import { completed, strengthened } from './bucket/strengthen.ts';
import { wantedSettings } from './bucket/wanted.ts';
import { nameOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';

type Args = With['s3.configure'];
type Result = Output['s3.configure'];

/** Sets what a bucket is to be set to, or makes it that strong at least, and tells what it was before. */
export const s3Configure: StepKind<Args, Result> = {
  name: 's3.configure',
  outputs: ['previous'],
  effect: (args) => (args.preview === true ? 'read' : removesObjects(args) ? 'destructive' : 'write'),
  describe: (args) => {
    const what = `${[...wantedSettings(args).keys()].join(', ')} of ${nameOf(args.bucket)}`;
    if (args.preview === true) return `Tell what would become different in ${what}`;
    return args.mode === 'strengthen' ? `Strengthen ${what}` : `Set ${what}`;
  },
  byHand: (args, environment) =>
    [...wantedSettings(args)]
      .flatMap(([name, value]) => {
        const command = (words: readonly string[]): string =>
          aws(environment, args.bucket, ['s3api', ...words, '--bucket', nameOf(args.bucket)]);
        const read = command(readWords(name));
        if (args.preview === true) return [read];
        const write = writeWords(name, value).map(command);
        return args.mode === 'strengthen'
          ? [read, '# Add what that shows to this, which replaces it:', ...write]
          : write;
      })
      .join('\n'),
  targets: (args) => [targetUse('buckets', args.bucket, args.preview === true ? 'read' : 'write')],

  async run(args, context) {
    const client = openBucket(args.bucket, context);
    try {
      return await configure(args, context, client);
    } finally {
      client.close();
    }
  },

  // What is set already is left alone.
  reconcile: () => Promise.resolve({ verdict: 'reattach' }),
};

/** A rule that expires versions, or no versions at all any more: objects will be lost without anybody's doing. */
function removesObjects(args: Args): boolean {
  const wanted = wantedSettings(args);
  const lifecycle = wanted.get('lifecycle') ?? [];
  const expires =
    isValueList(lifecycle) &&
    lifecycle.some(
      (rule) => isValueMap(rule) && ('Expiration' in rule || 'NoncurrentVersionExpiration' in rule),
    );
  return wanted.get('versioning') === 'Suspended' || expires;
}

async function configure(args: Args, context: StepContext, client: S3Client): Promise<Result> {
  const given = wantedSettings(args);
  const names = [...given.keys()];
  if (names.length === 0 && args.like === undefined) {
    throw new StepError('nothing is to be set', {
      code: 'usage',
      hint: `Say one of ${SETTING_NAMES.join(', ')}, or what it is to be like.`,
    });
  }
  const wanted = valueMap([...given]);
  const now = await readAll(client, names);
  const goal = valueMap(
    names.map((name) => [name, goalOf(args.mode, name, wanted[name] ?? null, now[name] ?? null)]),
  );
  const changed = names.filter((name) => !isSame(name, goal[name] ?? null, now[name] ?? null));
  const told = changed.flatMap((name) => differences(name, now[name] ?? null, goal[name] ?? null));
  if (args.preview === true)
    return { changed, differences: told, previous: now, settings: { ...now, ...goal } };
  const previous = savedPrevious(context, client, wanted) ?? now;
  await context.saveCheckpoint(encodeValue({ bucket: client.bucket, wanted, previous }));
  const done: SettingName[] = [];
  for (const name of inOrder(changed, goal)) {
    await afterwards(writeSetting(client, name, goal[name] ?? null), () => done.length > 0);
    done.push(name);
  }
  const settings = await readAll(client, names);
  const wrong = names.find((name) => !holds(name, goal[name] ?? null, settings[name] ?? null));
  if (wrong !== undefined) {
    throw new StepError(`the ${wrong} of ${client.bucket} is not what was set`, {
      code: 'notProven',
      hint: 'Somebody else may be setting it too, or the service knows only a part of it: look with s3.inspect.',
      changed: 'something',
      details: { found: settings[wrong] ?? null, previous },
    });
  }
  return { changed, differences: told, previous, settings };
}

/** What is to be written, of what is wanted and of what is there. */
const goalOf = (mode: Args['mode'], name: SettingName, wanted: Value, found: Value): Value =>
  mode === 'strengthen' ? strengthened(name, wanted, found) : completed(name, wanted, found);

/** What is taken away goes first, and last what it rests on: under a replication versions cannot be suspended. */
const inOrder = (names: readonly SettingName[], goal: ValueMap): readonly SettingName[] => [
  ...names.filter((name) => isEmpty(goal[name] ?? null)).reverse(),
  ...names.filter((name) => !isEmpty(goal[name] ?? null)),
];

/** A service may say more than was written: ids and defaults. */
const holds = (name: SettingName, wanted: Value, found: Value): boolean =>
  isSame(name, wanted, found) || isWithin(wanted, found);

async function readAll(client: S3Client, names: readonly SettingName[]): Promise<ValueMap> {
  const values: Record<string, Value> = {};
  for (const name of names) {
    const read = await readSetting(client, name);
    if ('refused' in read) throw read.refused;
    values[name] = read.value;
  }
  return values;
}

/** What was set before an earlier life or attempt of this step changed it. */
function savedPrevious(context: StepContext, client: S3Client, wanted: ValueMap): ValueMap | undefined {
  const checkpoint = decodeValue(context.checkpoint ?? null);
  if (!isValueMap(checkpoint) || checkpoint['bucket'] !== client.bucket) return undefined;
  const before = checkpoint['wanted'];
  if (canonicalJson(encodeValue(before ?? null)) !== canonicalJson(encodeValue(wanted))) return undefined;
  return isValueMap(checkpoint['previous']) ? checkpoint['previous'] : undefined;
}
