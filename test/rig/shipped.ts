import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import type { JsonObject } from '../../engine/base/json.ts';

/** The playbooks as they ship. */
const PLAYBOOKS = resolve(import.meta.dirname, '..', '..', 'playbooks');

/** Where playbooks lie, below that folder. */
export type Place = '.' | 'procedures' | 'checklists';

interface Book {
  readonly id?: string;
  readonly rehearsals?: JsonObject;
}

export type Rehearsal = readonly [playbook: string, rehearsal: string];

/** Every rehearsal that is shipped, those of one playbook beside each other: read from the files, so that none is forgotten. */
export const shippedRehearsals = (...places: readonly Place[]): readonly Rehearsal[] =>
  places.flatMap((place) =>
    readdirSync(join(PLAYBOOKS, place))
      .filter((name) => name.endsWith('.yaml'))
      .sort()
      .flatMap((name) => {
        const book = parse(readFileSync(join(PLAYBOOKS, place, name), 'utf8')) as Book;
        return Object.keys(book.rehearsals ?? {}).map((rehearsal): Rehearsal => [book.id ?? '', rehearsal]);
      }),
  );
