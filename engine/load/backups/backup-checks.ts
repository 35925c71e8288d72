import type { JsonObject } from '../../base/json.ts';
import type { BackupCheck } from './check.ts';
import { FOUND, celText, lastOf } from './check.ts';

/** Of its size when it was proven last, unless the file says another share. */
const SHARE = 0.8;

/** What the checks of the backup itself are made of. */
export interface BackupFacts {
  readonly path: string;
  readonly files?: string | undefined;
  readonly database?: string | undefined;
  readonly age?: string | undefined;
  readonly size?: number | undefined;
  readonly since?: string | undefined;
  readonly warnings?: string | undefined;
}

const DUMP = 'steps.checkFound.output';

/** What is true or not of the dump as it lies there. Nothing changes it, so it is not broken either. */
export function checksOfDump(facts: BackupFacts): readonly BackupCheck[] {
  return [found(facts), ...age(facts), size(facts)];
}

/** The steps between: which of them restores hangs on what the newest dump is. */
export const restoreSteps: readonly JsonObject[] = [
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

const found = ({ path, files, database }: BackupFacts): BackupCheck => ({
  id: 'Found',
  title:
    database === undefined
      ? 'The newest dump can be read'
      : `The newest dump can be read, and is of ${database}`,
  uses: 'postgres.find-dump',
  with: { path, ...(files !== undefined && { files }) },
  when: 'true',
  that:
    database === undefined ? 'true' : `output.database == null || output.database == ${celText(database)}`,
  else: '${{ output.name }} is of the database ${{ output.database }}',
  reading: '${{ output.name }}, ${{ output.bytes }} bytes, sha256:${{ output.sha256 }}',
});

function age({ age: within }: BackupFacts): readonly BackupCheck[] {
  if (within === undefined) return [];
  return [
    {
      id: 'Age',
      title: `It is not older than ${within}`,
      uses: 'assert',
      with: {},
      when: FOUND,
      that: `now - ${DUMP}.takenAt <= duration(${celText(within)})`,
      else: `It was taken at \${{ ${DUMP}.takenAt }}, more than ${within} ago`,
      reading: `taken at \${{ ${DUMP}.takenAt }}`,
    },
  ];
}

function size({ size: share = SHARE, since }: BackupFacts): BackupCheck {
  const { known, last } = lastOf('Size', since);
  return {
    id: 'Size',
    title: `It has ${percent(share)} of its size when it was proven last, or more`,
    uses: 'file.list',
    with: { path: `\${{ ${DUMP}.path }}`, max: 0 },
    when: FOUND,
    that: `!${known} || double(output.bytes) >= ${share.toFixed(4)} * double(${last}.bytes)`,
    else: `It has \${{ output.bytes }} bytes, and had \${{ ${last}.bytes }} when it was proven last`,
    reading: `\${{ output.bytes }} bytes, \${{ ${known} ? "and " + string(${last}.bytes) + " when it was proven last" : "nothing to compare with yet" }}`,
    recalls: true,
  };
}

/** That one of them did. */
export function restoredCheck({ warnings = 'refused' }: BackupFacts): BackupCheck {
  const archive = 'steps.restoreArchive';
  const script = 'steps.restoreScript';
  const warned = `(${archive}.outcome == "succeeded" ? ${archive}.output.warnings : ${script}.output.warnings)`;
  const isIn = `(${archive}.outcome == "succeeded" || ${script}.outcome == "succeeded")`;
  return {
    id: 'Restored',
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
export const untouchedCheck: BackupCheck = {
  id: 'Untouched',
  title: 'The dump is as it was before it was proven',
  uses: 'file.list',
  with: { path: `\${{ ${DUMP}.path }}`, max: 0 },
  when: FOUND,
  that: `output.bytes == ${DUMP}.bytes && output.newest == ${DUMP}.modified`,
  else: 'It has been written to since: ${{ output.bytes }} bytes, changed at ${{ output.newest }}',
  reading: 'not written to since ${{ output.newest }}',
};

export const percent = (share: number): string => `${String(Math.round(share * 1000) / 10)} %`;
