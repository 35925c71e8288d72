import { recordedLoss } from './chain.ts';
import { attachmentProblem } from './evidence.ts';
import type { Loaded } from './files.ts';
import type { Register } from './register.ts';
import type { LinePlace, Verification } from './store.ts';

/** Holds a journal against itself, its head and the files that it names. `digestOf`: see `attachmentProblem`. */
export async function verifyRun(
  run: string,
  { chain, sealed, problem: found }: Loaded,
  digestOf: (file: string) => Promise<string | undefined>,
): Promise<Verification> {
  const problem = found ?? recordedLoss(chain) ?? (await attachmentProblem(chain, digestOf));
  return {
    run,
    ok: problem === undefined,
    events: chain.lines.length,
    head: chain.head.hash,
    sealed: found === undefined && sealed,
    struck: chain.lines.filter(({ struck }) => struck).map(({ seq }) => seq),
    torn: chain.torn,
    ...(problem !== undefined && { problem }),
  };
}

/** Where a hash stands: in the register, or in one of the runs. */
export async function findLine(
  hash: string,
  of: {
    readonly register: Register;
    readonly runs: () => Promise<readonly string[]>;
    readonly load: (run: string) => Promise<Loaded | undefined>;
  },
): Promise<LinePlace | undefined> {
  const entry = await of.register.place(hash);
  if (entry !== undefined) return entry;
  for (const run of await of.runs()) {
    const lines = (await of.load(run))?.chain.lines ?? [];
    const line = lines.findIndex((each) => each.hash === hash);
    if (line >= 0) return { run, line: line + 1, of: lines.length };
  }
  return undefined;
}
