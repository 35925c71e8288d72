import type { JsonObject } from '../../base/json.ts';
import type { BackupCheck, BackupSource, Limits } from './check.ts';
import { FOUND, celText } from './check.ts';
import type { FetchedDump } from './fetched-dump.ts';
import { FETCHED, FOLDER_PART, FOLDER_VALUE } from './fetched-dump.ts';
import { ageCheck, sizeCheck } from './limit-checks.ts';

/** Which dumps. */
export interface DumpFacts {
  /** Where they lie on this machine, or how the newest is brought to it. */
  readonly from: string | FetchedDump;
  readonly files?: string | undefined;
  readonly database?: string | undefined;
}

const DUMP = 'steps.checkFound.output';

/** A dump of pg_dump's, restored into an empty database. */
export function dumpSource(facts: DumpFacts, limits: Limits): BackupSource {
  const { from } = facts;
  const fetched = typeof from === 'string' ? undefined : from;
  return {
    places: typeof from === 'string' ? [from] : [],
    parts: { copy: { uses: 'postgres' }, ...(fetched !== undefined && FOLDER_PART) },
    environment: {
      ...fetched?.environment,
      databases: { ...fetched?.databases, copy: '${{ parts.copy }}' },
      ...(fetched !== undefined && { values: FOLDER_VALUE }),
    },
    needs: 'databases.copy',
    before: [
      ...(fetched?.before ?? []),
      found(facts),
      ...(fetched?.takenAt === undefined
        ? ageCheck(limits, `${DUMP}.takenAt`, 'taken')
        : ageCheck(limits, fetched.takenAt, 'ordered', `${FOUND} && ${FETCHED}`)),
      sizeCheck(limits, { uses: 'file.list', with: { path: `\${{ ${DUMP}.path }}`, max: 0 } }, 'bytes'),
    ],
    restored: restored(limits),
    // What was brought here is no backup of anybody's.
    after: fetched === undefined ? [untouched] : [],
  };
}

/** The steps between: which of them restores hangs on what the newest dump is. */
const restoreSteps: readonly JsonObject[] = [
  {
    id: 'restoreArchive',
    title: 'Restore it into a copy that is thrown away',
    uses: 'postgres.restore',
    when: `${FOUND} && ${DUMP}.format != "plain"`,
    with: {
      from: `\${{ ${DUMP}.path }}`,
      to: '${{ env.databases.copy }}',
      // pg_restore reads a tar with one job alone.
      jobs: `\${{ ${DUMP}.format == "tar" ? 1 : 2 }}`,
      noOwner: true,
    },
    onFailure: 'continue',
  },
  {
    id: 'restoreScript',
    title: 'Load it into a copy that is thrown away',
    uses: 'postgres.load-sql',
    when: `${FOUND} && ${DUMP}.format == "plain"`,
    with: { from: `\${{ ${DUMP}.path }}`, to: '${{ env.databases.copy }}' },
    onFailure: 'continue',
  },
];

function found({ from, files, database }: DumpFacts): BackupCheck {
  const asked =
    typeof from === 'string'
      ? { with: { path: from, ...(files !== undefined && { files }) } }
      : { with: { path: from.path }, when: FETCHED };
  return {
    id: 'Found',
    title:
      database === undefined
        ? 'The newest dump can be read'
        : `The newest dump can be read, and is of ${database}`,
    uses: 'postgres.find-dump',
    ...asked,
    that:
      database === undefined ? 'true' : `output.database == null || output.database == ${celText(database)}`,
    else: '${{ output.name }} is of the database ${{ output.database }}',
    reading: '${{ output.name }}, ${{ output.bytes }} bytes, sha256:${{ output.sha256 }}',
  };
}

/** That one of them did. */
function restored({ warnings = 'refused' }: Limits): BackupCheck {
  const archive = 'steps.restoreArchive';
  const script = 'steps.restoreScript';
  const warned = `${archive}.?output.?warnings.orValue(${script}.?output.?warnings.orValue([]))`;
  const isIn = `(${archive}.outcome == "succeeded" || ${script}.outcome == "succeeded")`;
  return {
    id: 'Restored',
    first: restoreSteps,
    title: warnings === 'refused' ? 'It can be restored, without a warning' : 'It can be restored',
    uses: 'assert',
    with: {},
    when: FOUND,
    that: warnings === 'refused' ? `${isIn} && size(${warned}) == 0` : isIn,
    else: `\${{ ${isIn} ? "It was restored, with warnings: " + join(${warned}, "; ") : ${archive}.outcome != "skipped" ? ${archive}.?error.?message.orValue("it was not restored") : ${script}.?error.?message.orValue("it was not restored") }}`,
    reading: `\${{ size(${warned}) == 0 ? "without a warning" : string(size(${warned})) + " warnings" }}`,
  };
}

/** Asked at the end: whatever was done, the backup is what it was. */
const untouched: BackupCheck = {
  id: 'Untouched',
  title: 'The dump is as it was before it was proven',
  uses: 'file.list',
  with: { path: `\${{ ${DUMP}.path }}`, max: 0 },
  when: FOUND,
  that: `output.bytes == ${DUMP}.bytes && output.newest == ${DUMP}.modified`,
  else: 'It has been written to since: ${{ output.bytes }} bytes, changed at ${{ output.newest }}',
  reading: 'not written to since ${{ output.newest }}',
};
