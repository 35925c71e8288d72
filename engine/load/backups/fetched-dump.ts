import type { JsonObject } from '../../base/json.ts';
import { CHECK } from '../../model/backup.ts';
import type { BackupCheck } from './check.ts';
import { celText } from './check.ts';

/** A dump that lies elsewhere, and is brought to this machine for as long as its proof takes. */
export interface FetchedDump {
  /** What of the environment it takes, beside its databases. */
  readonly environment: JsonObject;
  readonly databases?: JsonObject;
  /** That there is one, and that it came. */
  readonly before: readonly BackupCheck[];
  /** Where it is then, as a text in which expressions may stand. */
  readonly path: string;
  /** When it was taken, where its service knows that better than the file does: an expression. */
  readonly takenAt?: string;
}

/** The part of the world that what is brought lies in: it goes with the world. */
export const FOLDER_PART: JsonObject = { fetched: { uses: 'folder' } };
export const FOLDER_VALUE: JsonObject = { fetched: '${{ parts.fetched.path }}' };
const FOLDER = '${{ env.values.fetched }}';

const NEWEST = `steps.${CHECK}Newest.output`;

const IS_THERE = `steps.${CHECK}Newest.outcome == "succeeded"`;

/** That it came: what is asked of the dump waits for this. */
export const FETCHED = `${IS_THERE} && steps.fetchDump.outcome == "succeeded" && steps.${CHECK}Fetched.outcome == "succeeded"`;

const fetchedBy = (step: JsonObject): BackupCheck => ({
  id: 'Fetched',
  title: 'It can be brought to this machine',
  first: [
    {
      id: 'fetchDump',
      title: 'Bring it to this machine, into a folder that is thrown away',
      when: IS_THERE,
      onFailure: 'continue',
      ...step,
    },
  ],
  uses: 'assert',
  with: {},
  when: IS_THERE,
  that: 'steps.fetchDump.outcome == "succeeded"',
  else: '${{ steps.fetchDump.?error.?message.orValue("It was not brought") }}',
  reading: 'it is here',
});

/** Dumps in a bucket, by what their keys begin with. */
export interface DumpBucketFacts {
  /** An entry as in `buckets` of an environment. */
  readonly bucket: JsonObject;
  readonly prefix?: string | undefined;
  readonly files?: string | undefined;
}

/** Newest objects among which one is looked for that is named as it should be. */
const LOOKED_AT = 1000;

export function dumpInBucket({ bucket, prefix = '', files }: DumpBucketFacts): FetchedDump {
  const isDump = `!o.key.endsWith(".sha256") && !o.key.endsWith("/") && o.key.matches(${celText(namedLike(files))})`;
  const dumps = `output.objects.filter(o, ${isDump})`;
  const key = `steps.${CHECK}Newest.${dumps}[0].key`;
  const newest: BackupCheck = {
    id: 'Newest',
    title: 'There is a dump in the bucket',
    uses: 's3.list',
    with: { bucket: '${{ env.buckets.backup }}', prefix, order: 'newest', max: LOOKED_AT },
    that: `size(${dumps}) > 0`,
    else: `Of \${{ output.count }} objects below "${prefix}" none is a dump${files === undefined ? '' : ` that is named like ${files}`}: the newest ${String(LOOKED_AT)} were looked at`,
    reading: `\${{ ${dumps}[0].key }}, \${{ ${dumps}[0].size }} bytes, written at \${{ ${dumps}[0].modified }}`,
  };
  // All that begins with its key: a checksum lies beside it. Each file gets the time of its object.
  const fetch = {
    uses: 's3.sync-down',
    with: { bucket: '${{ env.buckets.backup }}', prefix: `\${{ ${key} }}`, path: FOLDER },
  };
  return {
    environment: { buckets: { backup: bucket } },
    before: [newest, fetchedBy(fetch)],
    path: `${FOLDER}/\${{ ${key} }}`,
  };
}

/** `shop-*.dump` for the last part of a key, as an expression that finds it there. */
const namedLike = (files = '*'): string =>
  `(^|/)${files
    .split('*')
    .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`))
    .join('[^/]*')}$`;

/** Logical exports of a database at Render. */
export interface ExportFacts {
  /** `dpg-…` */
  readonly database: string;
  readonly name?: string | undefined;
  /** As in `render` of an environment. */
  readonly key: JsonObject;
  readonly api?: string | undefined;
}

export function exportOfRender({ database, name, key, api }: ExportFacts): FetchedDump {
  const newest: BackupCheck = {
    id: 'Newest',
    title: 'Render has an export of the database',
    uses: 'render.backups',
    with: { database: '${{ env.databases.original }}' },
    that: 'output.newest != null',
    else: 'Of ${{ size(output.exports) }} exports that Render lists none can be downloaded: they are kept for seven days',
    reading: '${{ output.newest.id }}, ordered at ${{ output.newest.createdAt }}',
  };
  const fetch = {
    uses: 'render.download-export',
    with: { export: `\${{ ${NEWEST}.newest }}`, to: `${FOLDER}/export` },
  };
  const folders = 'steps.fetchDump.output.databases';
  const path =
    name === undefined
      ? `${folders}[0].path`
      : `(${folders}.exists(d, d.name == ${celText(name)}) ? ${folders}.filter(d, d.name == ${celText(name)})[0].path : ${folders}[0].path)`;
  return {
    environment: { render: { key, ...(api !== undefined && { api }) } },
    databases: { original: { name: database, renderId: database, fingerprint: { renderId: database } } },
    before: [newest, fetchedBy(fetch)],
    path: `\${{ ${path} }}`,
    takenAt: `${NEWEST}.newest.createdAt`,
  };
}
