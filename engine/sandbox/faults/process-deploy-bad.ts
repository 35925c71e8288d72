import type { ValueMap } from '../../base/value.ts';
import { isValueList } from '../../base/value.ts';
import { holdsWithin } from '../ground/process.ts';
import type { Fault, FaultPart, Injection } from './fault.ts';
import { now, runningProgram } from './program.ts';

const FAULT = 'process.deploy-bad';
const ENDS_MS = 5000;

/** Puts a version in the place of a program that does not start. The one before can be rolled back to. */
export const processDeployBad: Fault<FaultPart> = { inject };

async function inject(args: ValueMap, broken: FaultPart): Promise<Injection> {
  const { called, program } = runningProgram(FAULT, args, broken);
  const command = isValueList(args['command']) ? args['command'].map(String) : [];
  const at = now();
  await program.stop();
  program.deploy(command);
  // One that cannot even be started has not started either.
  await program.start().catch(() => undefined);
  if (!(await holdsWithin(ENDS_MS, () => !program.running))) {
    program.rollBack();
    await program.stop();
    await program.start();
    throw new Error(`${FAULT}: what was deployed runs: give a command that ends by itself`);
  }
  const ending = program.ending ?? '';
  return {
    description: `a version of ${called} was deployed that does not start: ${ending}`,
    output: { at, ending },
  };
}
