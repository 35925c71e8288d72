import type { Fault, FaultPart, Injection } from './fault.ts';
import { now, runningProgram } from './program.ts';

const FAULT = 'process.kill';

/** Ends a program at once, as a machine does that runs out of memory. */
export const processKill: Fault<FaultPart> = {
  async inject(args, broken): Promise<Injection> {
    const { called, program } = runningProgram(FAULT, args, broken);
    const pid = program.pid ?? 0;
    const at = now();
    await program.kill();
    if (program.running) throw new Error(`${FAULT}: ${called} still runs`);
    return { description: `${called} was killed, and nobody starts it again`, output: { at, pid } };
  },
};
