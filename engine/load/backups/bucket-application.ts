import type { JsonObject } from '../../base/json.ts';
import type { BackupCheck } from './check.ts';
import { FOUND } from './check.ts';
import { FOLDER_PART, FOLDER_VALUE } from './fetched-dump.ts';

/** What an application is started on where the backup is a bucket: the objects, in a bucket that is thrown away. */
export interface RestoredBucket {
  readonly name: string;
  readonly region: string;
  readonly parts: JsonObject;
  readonly values: JsonObject;
  readonly check: BackupCheck;
  /** The step that takes everything out of it. */
  readonly emptied: JsonObject;
}

/** The part that has it, as it is of all other backups. */
export const COPY_PART = 'copy';
/** Its name among the buckets of the environment. */
export const RESTORED_BUCKET = 'restored';

/** `copy`: the entry of the backup, whose name it has, so that the application needs no other. */
export function restoredBucket(copy: JsonObject, prefix: string | undefined): RestoredBucket {
  const name = typeof copy['name'] === 'string' ? copy['name'] : RESTORED_BUCKET;
  const region = typeof copy['region'] === 'string' ? copy['region'] : 'us-east-1';
  return {
    ...{ name, region },
    parts: {
      ...FOLDER_PART,
      [COPY_PART]: { uses: 's3', with: { buckets: { [RESTORED_BUCKET]: { name, region } } } },
    },
    values: { ...FOLDER_VALUE, copy: `\${{ parts.${COPY_PART}.control }}` },
    check: copied(prefix),
    emptied: {
      title: 'Take all objects out of the restored bucket',
      when: 'steps.fillBucket.outcome == "succeeded"',
      ...atDesk('empty', {}),
      touches: RESTORED,
      effect: 'destructive',
    },
  };
}

const RESTORED = `\${{ env.buckets.${RESTORED_BUCKET} }}`;

const FOLDER = '${{ env.values.fetched }}';

const copied = (prefix: string | undefined): BackupCheck => ({
  id: 'Copied',
  title: `What the application reads${prefix === undefined ? '' : `, below ${prefix},`} is restored into a bucket on this machine`,
  first: [
    {
      id: 'fetchObjects',
      title: 'Bring the objects to this machine, into a folder that is thrown away',
      uses: 's3.sync-down',
      when: FOUND,
      with: { bucket: '${{ env.buckets.copy }}', ...(prefix !== undefined && { prefix }), path: FOLDER },
      onFailure: 'continue',
    },
    {
      id: 'fillBucket',
      title: 'Put them into a bucket that is thrown away',
      when: 'steps.fetchObjects.outcome == "succeeded"',
      ...atDesk('fill', { folder: FOLDER }),
      effect: 'write',
    },
  ],
  uses: 's3.list',
  with: { bucket: RESTORED, max: 0 },
  when: FOUND,
  that: 'output.count > 0 && steps.fillBucket.outcome == "succeeded" && steps.fetchObjects.?output.?objects.orValue(-1) == output.count',
  else: '${{ steps.fetchObjects.?error.?message.or(steps.fillBucket.?error.?message).orValue("Nothing lies there") }}',
  reading: '${{ output.count }} objects, ${{ output.bytes }} bytes',
  broken: 'emptied',
});

const atDesk = (action: string, said: JsonObject): JsonObject => ({
  uses: 'http.request',
  with: {
    url: `\${{ env.values.copy }}/${action}`,
    method: 'POST',
    auth: { bearer: '${{ env.values.application.token }}' },
    json: { bucket: RESTORED_BUCKET, ...said },
    ok: [200],
    timeout: '1h',
  },
  idempotent: true,
  onFailure: 'continue',
});
