import { startPsql } from '../client/psql.ts';
import type { Psql } from '../client/psql.ts';
import type { StepContext } from '../../../model/kind.ts';
import { scriptLines } from './read-script.ts';

/** Handed to psql at a time. */
const PIECE = 1024 * 1024;
const PSQL = ['--no-psqlrc', '--quiet', '--no-password', '--set=ON_ERROR_STOP=1'];
const TRANSACTION = 'drillbook: transaction ';
/** Of a dump in which everything is worth a warning, so many are told. */
const MAX_WARNINGS = 100;

export interface LoadedScript {
  readonly warnings: readonly string[];
  readonly leftOut: number;
}

/** Runs a dump of plain SQL in one transaction of psql: whatever goes wrong leaves the database as it was. */
export async function loadScript(
  from: { readonly path: string; readonly compressed: boolean },
  program: { readonly file: string; readonly env: Readonly<Record<string, string>> },
  context: StepContext,
): Promise<LoadedScript> {
  const { signal } = context;
  const psql = await startPsql({ ...program, argv: PSQL, signal });
  try {
    // The commit waits for the disk, whatever the settings of the session say.
    await psql.send('begin;\nset local synchronous_commit = on;\n');
    const leftOut = await feed(psql, from, signal);
    await psql.send(`\nselect pg_current_xact_id() as id \\gset\n\\warn ${TRANSACTION}:id\n`);
    const said = await psql.reached();
    const transaction = said.find((line) => line.startsWith(TRANSACTION))?.slice(TRANSACTION.length);
    // A later life asks by it whether the commit, which comes next, was the last thing that happened.
    await context.saveCheckpoint({ transaction: transaction ?? '' });
    await psql.send('commit;\n');
    await psql.end();
    return { warnings: said.flatMap(warningIn).slice(0, MAX_WARNINGS), leftOut };
  } finally {
    psql.kill();
  }
}

/** Gives how many lines were left out. */
async function feed(
  psql: Psql,
  { path, compressed }: { readonly path: string; readonly compressed: boolean },
  signal: AbortSignal,
): Promise<number> {
  let leftOut = 0;
  let piece = '';
  for await (const line of scriptLines(path, { compressed, signal })) {
    if (line.leftOut) leftOut += 1;
    else piece += `${line.text}\n`;
    if (piece.length < PIECE) continue;
    await psql.send(Buffer.from(piece, 'latin1'));
    piece = '';
  }
  await psql.send(Buffer.from(piece, 'latin1'));
  return leftOut;
}

const warningIn = (line: string): readonly string[] => {
  const warning = /\bWARNING: +(.*)$/.exec(line)?.[1];
  return warning === undefined ? [] : [warning];
};
