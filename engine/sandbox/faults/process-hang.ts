import { holdsWithin } from '../ground/process.ts';
import { isStopped } from '../ground/stopped.ts';
import type { Fault, FaultPart, Injection } from './fault.ts';
import { now, runningProgram } from './program.ts';

const FAULT = 'process.hang';
const STOPPED_MS = 5000;

/** Stops a program where it is: it keeps its port and its connections, and answers nothing. */
export const processHang: Fault<FaultPart> = {
  async inject(args, broken): Promise<Injection> {
    const { called, program } = runningProgram(FAULT, args, broken);
    const pid = program.pid ?? 0;
    const at = now();
    program.hang();
    if (!(await holdsWithin(STOPPED_MS, () => isStopped(pid))))
      throw new Error(`${FAULT}: ${called} goes on`);
    return { description: `${called} hangs: it runs, and answers nothing`, output: { at, pid } };
  },
};
