import { readFile, rm } from 'node:fs/promises';
import type { StepContext } from '../../../model/kind.ts';
import type { ClientTools } from '../client/client-tools.ts';
import { offlineEnvironment } from '../client/libpq.ts';
import { runProgram } from '../client/program.ts';

const ENTRY = /^-- (?:Data for )?Name: .*; Type: (.+); Schema: .*; Owner: .*$/;
/** Written between two entries, for the next one. */
const FOR_NEXT = /^SET default_(?:tablespace|table_access_method) = /;

/** One entry of a dump, as the SQL that pg_restore writes of it. */
export interface ScriptEntry {
  /** `TABLE`, `ACL`. */
  readonly type: string;
  readonly lines: readonly string[];
}

/** All of a dump but its rows, as SQL. */
export interface SchemaScript {
  readonly entries: readonly ScriptEntry[];
  /** Settings that hold for the entries after them: encoding, tablespaces, access methods. */
  readonly settings: readonly string[];
}

/** Has pg_restore write what a list names as SQL: what comes before the rows and after them, large objects included. */
export async function readSchemaScript(options: {
  readonly from: string;
  readonly listFile: string;
  readonly tools: ClientTools;
  readonly context: StepContext;
}): Promise<SchemaScript> {
  const { from, listFile, tools, context } = options;
  const script = `${listFile}.sql`;
  try {
    await runProgram({
      file: tools.restore,
      // "--schema-only" would leave large objects out, and with them their owners and grants.
      argv: ['--section=pre-data', '--section=post-data', `--use-list=${listFile}`, `--file=${script}`, from],
      env: offlineEnvironment(),
      context,
    });
    return parseScript(await readFile(script, 'utf8'));
  } finally {
    await rm(script, { force: true });
  }
}

export function parseScript(script: string): SchemaScript {
  const entries: { type: string; lines: string[] }[] = [];
  const settings: string[] = [];
  for (const line of script.split('\n')) {
    const type = ENTRY.exec(line)?.[1];
    const current = entries.at(-1);
    if (type !== undefined) entries.push({ type, lines: [] });
    else if (FOR_NEXT.test(line) || (current === undefined && line.startsWith('SET '))) settings.push(line);
    // A line with a backslash is for psql.
    else if (!/^(-- PostgreSQL database dump complete|\\)/.test(line)) current?.lines.push(line);
  }
  return { entries, settings };
}
