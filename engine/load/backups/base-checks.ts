import type { JsonObject } from '../../base/json.ts';
import type { BackupCheck, BackupSource, Limits } from './check.ts';
import { FOUND } from './check.ts';
import { ageCheck, sizeCheck } from './limit-checks.ts';

/** Where a physical backup lies, as the part of a world takes it. */
export interface BaseFacts {
  readonly path?: string | undefined;
  readonly wal?: string | undefined;
  readonly restore?: readonly string[] | undefined;
  readonly database: string;
  readonly superuser?: string | undefined;
}

/** What the server of the copy says of itself: it has been restored, or not, when the checks begin. */
const ASK: JsonObject = {
  url: '${{ env.values.copy.control }}',
  auth: { bearer: '${{ env.values.copy.token }}' },
  ok: [200],
};

const BACKUP = 'steps.checkFound.output.json.backup';

/** A base backup, with the WAL of its archive, or what a program makes of its repository. */
export function baseSource({ ...facts }: BaseFacts, limits: Limits): BackupSource {
  return {
    places: [facts.path, facts.wal].filter((place) => place !== undefined),
    parts: {
      copy: {
        uses: 'base-backup',
        with: Object.fromEntries(
          Object.entries(facts).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
        ),
      },
    },
    environment: {
      databases: { copy: '${{ parts.copy }}' },
      values: { copy: { control: '${{ parts.copy.control }}', token: '${{ desk.token }}' } },
    },
    needs: 'databases.copy',
    before: [
      found,
      ...ageCheck(limits, `timestamp(${BACKUP}.takenAt)`, 'begun'),
      sizeCheck(limits, { uses: 'http.request', with: ASK }, 'json.backup.bytes'),
    ],
    restored,
    after: [],
  };
}

const found: BackupCheck = {
  id: 'Found',
  title: 'The newest base backup is there',
  uses: 'http.request',
  with: ASK,
  that: 'output.json.backup != null',
  else: '${{ output.json.failure }}',
  reading:
    '${{ output.json.backup.path }}, ${{ output.json.backup.bytes }} bytes, of PostgreSQL ${{ output.json.backup.major }}',
};

const restored: BackupCheck = {
  id: 'Restored',
  title: 'A server comes up on it, with all the WAL of its archive',
  uses: 'http.request',
  with: ASK,
  when: FOUND,
  that: 'output.json.restored',
  else: '${{ output.json.failure }}',
  reading: 'it takes connections',
};
