import { createWriteStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { StepContext } from '../../../model/kind.ts';
import { StepError } from '../../../model/kind.ts';
import { copyBetween, copyLines, PLAIN_LINES } from '../client/copy-stream.ts';
import { FILE_MODE } from '../../machine/place.ts';
import { shownText } from '../../context/reveal.ts';
import { quoteLiteral } from '../client/literals.ts';
import {
  countConflicts,
  countKept,
  countOrphans,
  examplesOf,
  finishStage,
  isThere,
  makeStage,
} from './row-staging.ts';
import type { Example } from './row-staging.ts';
import type { RowTarget } from './row-target.ts';
import { advanceSequences } from './sequences.ts';
import { rowsOf } from '../client/server.ts';
import type { Session } from '../client/session.ts';
import { columnList, keyJson } from './shape.ts';

/** What became of the rows of one table. */
export interface Merged {
  readonly target: RowTarget;
  readonly selected: number;
  readonly inserted: number;
  readonly kept: number;
  readonly conflicts: number;
  readonly missingParents: number;
  readonly examples: readonly Example[];
}

export interface Merging {
  readonly source: Session;
  /** In a transaction. */
  readonly session: Session;
  readonly groups: readonly (readonly RowTarget[])[];
  readonly context: StepContext;
  /** Stream into tables that are empty, instead of holding each row against what is there. */
  readonly mayStream: boolean;
}

/** Counts what a merge would do. Writes to temporary tables only. */
export async function previewMerge(merging: Merging): Promise<readonly Merged[]> {
  const { session, groups } = merging;
  const targets = groups.flat();
  const stages = new Map(targets.map((target) => [target.shape.label, target]));
  const selected = new Map<RowTarget, number>();
  for (const target of targets) selected.set(target, await stage(merging, target));
  const merged: Merged[] = [];
  for (const target of targets) {
    const all = selected.get(target) ?? 0;
    const kept = await countKept(session, target);
    const conflicts = await countConflicts(session, target);
    const missingParents = await countOrphans(session, target, stages);
    const examples = conflicts + missingParents === 0 ? [] : await examplesOf(session, target, stages);
    merged.push({
      target,
      selected: all,
      inserted: all - kept - conflicts,
      kept,
      conflicts,
      missingParents,
      examples,
    });
  }
  return merged;
}

/** Puts the missing rows in, and their keys into a file. The transaction is left open. */
export async function merge(merging: Merging, keysFile: string): Promise<readonly Merged[]> {
  const file = createWriteStream(keysFile, { mode: FILE_MODE });
  // What is wrong with it is told where it is written to; a write may still be under way after that.
  file.on('error', () => undefined);
  try {
    const merged: Merged[] = [];
    for (const group of merging.groups) merged.push(...(await mergeGroup(merging, group, file)));
    for (const { target, inserted } of merged) {
      if (inserted > 0) await advanceSequences(merging.session, target.shape);
    }
    file.end();
    await finished(file);
    await sync(keysFile);
    return merged;
  } catch (error) {
    file.destroy();
    await rm(keysFile, { force: true });
    throw isDiskFull(error) ? diskFull(keysFile, error) : error;
  }
}

async function mergeGroup(
  merging: Merging,
  group: readonly RowTarget[],
  file: Writable,
): Promise<readonly Merged[]> {
  const { session, mayStream } = merging;
  const [only] = group;
  if (mayStream && group.length === 1 && only !== undefined && (await lockEmpty(session, only))) {
    return [await stream(merging, only, file)];
  }
  const counted: { target: RowTarget; selected: number; kept: number }[] = [];
  for (const target of group) {
    const selected = await stage(merging, target);
    counted.push({ target, selected, kept: await countKept(session, target) });
  }
  const lines = await insert(merging, group, file);
  const merged: Merged[] = [];
  for (const { target, selected, kept } of counted) {
    // In a circle of tables the lines are those of all of them.
    const put = group.length === 1 ? lines : (await countKept(session, target)) - kept;
    const conflicts = Math.max(0, selected - kept - put);
    const examples = conflicts === 0 ? [] : await examplesOf(session, target, new Map());
    merged.push({ target, selected, kept, inserted: put, conflicts, missingParents: 0, examples });
  }
  return merged;
}

/**
 * A table without rows needs no comparison: nothing can be kept or be in conflict as long as nobody else writes
 * to it. Waits for nobody: a table that is in use is no empty one.
 */
async function lockEmpty(session: Session, { shape }: RowTarget): Promise<boolean> {
  const [row] = await rowsOf(
    session,
    `select has_table_privilege($1, 'update, delete, truncate') and not exists (select from ${shape.quoted}) as free`,
    [shape.quoted],
  );
  if (row?.['free'] !== true) return false;
  await session.command(`lock table ${shape.quoted} in share row exclusive mode`);
  const [again] = await rowsOf(session, `select exists (select from ${shape.quoted}) as taken`);
  return again?.['taken'] !== true;
}

async function stream(merging: Merging, target: RowTarget, file: Writable): Promise<Merged> {
  const { session, context } = merging;
  const inserted = await copyRows(merging, target, target.shape.quoted);
  const keys = `select ${lineOf(target, 't')} from ${target.shape.quoted} t`;
  await copyLines({ session, text: `copy (${keys}) to stdout ${PLAIN_LINES}` }, file, context.signal);
  return { target, selected: inserted, inserted, kept: 0, conflicts: 0, missingParents: 0, examples: [] };
}

async function stage(merging: Merging, target: RowTarget): Promise<number> {
  await makeStage(merging.session, target);
  const rows = await copyRows(merging, target, target.stage);
  await finishStage(merging.session, target);
  return rows;
}

async function copyRows(
  { source, session, context }: Merging,
  target: RowTarget,
  into: string,
): Promise<number> {
  const { selection, columns, isBinary } = target;
  const format = isBinary ? ' (format binary)' : '';
  let rows = 0;
  let bytes = 0;
  for (const condition of selection.conditions) {
    const query = `select ${columnList(columns, 't.')} from ${selection.shape.quoted} t where ${condition}`;
    rows += await copyBetween(
      { session: source, text: `copy (${query}) to stdout${format}` },
      { session, text: `copy ${into} (${columnList(columns)}) from stdin${format}` },
      context.signal,
      (more) => {
        bytes += more;
        context.progress(bytes, undefined, 'bytes');
      },
    );
  }
  context.log(`${target.shape.label}: ${rows} rows selected`);
  return rows;
}

/**
 * One statement for tables that refer to each other in a circle: PostgreSQL checks foreign keys when the whole
 * statement has been carried out. The keys of what went in come back as lines; gives how many.
 */
async function insert(
  { session, context }: Merging,
  group: readonly RowTarget[],
  file: Writable,
): Promise<number> {
  const parts = group.map((target, index) => {
    const { shape, columns, stage: from } = target;
    const names = columnList(columns);
    return `i${index} as (insert into ${shape.quoted} as t (${names}) overriding system value
      select ${names} from ${from} s where not ${isThere(target, 's')}
      on conflict do nothing returning ${columnList(shape.key, 't.')})`;
  });
  const lines = group.map((target, index) => `select ${lineOf(target, `i${index}`)} from i${index}`);
  const text = `copy (with ${parts.join(', ')} ${lines.join(' union all ')}) to stdout ${PLAIN_LINES}`;
  try {
    return await copyLines({ session, text }, file, context.signal);
  } catch (error) {
    throw explained(error);
  }
}

/** A line of the file of keys. */
const lineOf = ({ shape }: RowTarget, of: string): string =>
  `json_build_object('table', ${quoteLiteral(shape.label)}, 'key', ${keyJson(shape.key, of)})::text`;

function explained(error: unknown): unknown {
  if (!(error instanceof StepError) || error.code !== '23503') return error;
  return new StepError(`${error.message}: ${shownText(error.details['detail'] ?? '')}`, {
    code: error.code,
    hint: 'Select the rows that are referred to as well. "preview: true" counts what is missing. Nothing was put in.',
    details: error.details,
    cause: error,
  });
}

const isDiskFull = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOSPC';

const diskFull = (path: string, cause: unknown): StepError =>
  new StepError(`the disk is full on which ${path} was being written; nothing was put in`, {
    code: 'diskFull',
    hint: 'Free space or enlarge the disk, then try again.',
    cause,
  });

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
