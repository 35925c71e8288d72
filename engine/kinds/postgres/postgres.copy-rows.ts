import { dirname } from 'node:path';
import { isJsonObject } from '../../base/json.ts';
import { decodeValue, encodeValue, isValueMap } from '../../base/value.ts';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { openDatabase } from './client/connection.ts';
import type { Merged, Merging } from './rows/row-merge.ts';
import { merge, previewMerge } from './rows/row-merge.ts';
import type { Wanted } from './rows/row-selection.ts';
import { selectRows } from './rows/row-selection.ts';
import { findTargets } from './rows/row-target.ts';
import { makeFolder } from '../machine/place.ts';
import { placeInRun } from '../machine/run-files.ts';
import { rowsOf } from './client/server.ts';
import type { Session } from './client/session.ts';
import { wasCommitted } from './client/transaction.ts';
import { text } from '../context/members.ts';
import { nameOf, targetUse } from '../context/target.ts';
import type { Output, With } from '../types.ts';
import { databaseInShell } from './client/by-hand.ts';

type Args = With['postgres.copy-rows'];
type Result = Output['postgres.copy-rows'];

/** A value of a unique key, or of the primary one, is there already. */
const UNIQUE_VIOLATION = '23505';

/**
 * Puts rows that are missing in one database in from another, in one transaction. Rows that are there are kept as
 * they are, whatever they hold.
 */
export const postgresCopyRows: StepKind<Args, Result> = {
  name: 'postgres.copy-rows',
  outputs: ['inserted'],
  effect: (args) => (args.preview === true ? 'read' : 'write'),
  describe(args) {
    const tables = wantedOf(args).map(({ name }) => name);
    const what = `the missing rows of ${tables.join(', ')} from ${nameOf(args.from)} into ${nameOf(args.to)}`;
    return args.preview === true ? `Count what it would take to copy ${what}` : `Copy ${what}`;
  },
  byHand(args, environment) {
    const from = databaseInShell(args.from, environment);
    const to = databaseInShell(args.to, environment);
    const lines = wantedOf(args).map(({ name, where }) => {
      const source = `psql "${from}" -c "copy (select * from ${name} where ${where}) to stdout"`;
      return `${source} | psql "${to}" -c "create temp table missing (like ${name})" -c "copy missing from stdin" -c "insert into ${name} overriding system value select * from missing on conflict do nothing"`;
    });
    return lines.join('\n');
  },
  targets: (args) => [
    targetUse('databases', args.from, 'read'),
    targetUse('databases', args.to, args.preview === true ? 'read' : 'write'),
  ],

  async run(args, context) {
    try {
      return await copyRows(args, context, true);
    } catch (error) {
      if (!(error instanceof StepError) || error.code !== UNIQUE_VIOLATION) throw error;
      // A table was empty, and its rows still do not fit: another unique key. Row by row, the others go in.
      return copyRows(args, context, false);
    }
  },

  async reconcile(args, context) {
    const session = await openDatabase(args.to, context);
    try {
      const output = await committedBefore(session, context);
      return output === undefined ? { verdict: 'notHappened' } : { verdict: 'happened', output };
    } finally {
      await session.close();
    }
  },
};

async function copyRows(args: Args, context: StepContext, mayStream: boolean): Promise<Result> {
  const source = await openDatabase(args.from, context);
  try {
    const session = await openDatabase(args.to, context);
    try {
      const done = await committedBefore(session, context);
      if (done !== undefined) return done;
      // Rows that a policy hides would be left out without a word.
      await source.command(
        'set idle_in_transaction_session_timeout = 0; set row_security = off; begin isolation level repeatable read read only',
      );
      const selections = await selectRows(source, wantedOf(args), args.follow === 'cascade');
      await session.command('begin');
      const groups = await findTargets(session, selections);
      const merging = { source, session, groups, context, mayStream };
      return await (args.preview === true ? preview(merging) : write(merging));
    } finally {
      // The transaction that is not committed ends with it.
      await session.close();
    }
  } finally {
    await source.close();
  }
}

async function preview(merging: Merging): Promise<Result> {
  return summary(await previewMerge(merging), { preview: true, keys: null });
}

async function write(merging: Merging): Promise<Result> {
  const { session, context } = merging;
  const keysFile = placeInRun(context, undefined, '.keys.jsonl');
  await makeFolder(dirname(keysFile));
  const output = summary(await merge(merging, keysFile), { preview: false, keys: keysFile });
  const [row] = await rowsOf(session, 'select pg_current_xact_id()::text as id');
  await context.saveCheckpoint({ transaction: text(row ?? {}, 'id'), output: encodeValue(output) });
  await session.run('commit', [], { maxRows: 0, writes: true });
  return output;
}

/** What a former life had committed but for telling so. */
async function committedBefore(session: Session, context: StepContext): Promise<Result | undefined> {
  const { checkpoint } = context;
  if (!isJsonObject(checkpoint) || typeof checkpoint['transaction'] !== 'string') return undefined;
  const hint = 'Look for the rows named in the file of keys, in the folder of the run.';
  if (!(await wasCommitted(session, checkpoint['transaction'], context, hint))) return undefined;
  const output = decodeValue(checkpoint['output'] ?? null);
  return isValueMap(output) ? (output as Result) : undefined;
}

function summary(
  merged: readonly Merged[],
  ending: { readonly preview: boolean; readonly keys: string | null },
): Result {
  const total = (part: (table: Merged) => number): number =>
    merged.reduce((sum, table) => sum + part(table), 0);
  return {
    preview: ending.preview,
    selected: total(({ selected }) => selected),
    inserted: total(({ inserted }) => inserted),
    kept: total(({ kept }) => kept),
    conflicts: total(({ conflicts }) => conflicts),
    missingParents: total(({ missingParents }) => missingParents),
    tables: merged.map(({ target, ...counts }) => ({
      table: target.shape.label,
      ...counts,
      examples: counts.examples.map(({ key, constraint }) => ({ key, constraint })),
      leftOut: target.leftOut,
    })),
    keys: ending.keys,
  };
}

const wantedOf = ({ tables }: Args): readonly Wanted[] =>
  tables.map(({ name, where, params = [] }) => ({ name, where, params }));
