import type { Reporter, TestRunEndReason } from 'vitest/node';

/**
 * What every random draw of a suite begins with: `DRILLBOOK_SEED`, or else a number of its own. A suite's
 * configuration hands it on to the processes of its tests, and a suite that failed tells it.
 */
export const SEED = seedOf(process.env['DRILLBOOK_SEED']);

function seedOf(text: string | undefined): number {
  if (text === undefined) return Math.floor(Math.random() * 2 ** 31);
  if (!/^\d{1,10}$/.test(text) || Number(text) >= 2 ** 31) {
    throw new Error(`DRILLBOOK_SEED: a whole number below ${2 ** 31} is needed, not "${text}"`);
  }
  return Number(text);
}

/** Says at the end of a suite that failed how its draws are repeated. */
export default class SeedOfTheSuite implements Reporter {
  onTestRunEnd(_modules: unknown, _errors: unknown, reason: TestRunEndReason): void {
    if (reason === 'failed') process.stdout.write(`DRILLBOOK_SEED=${SEED} repeats what was drawn.\n`);
  }
}
