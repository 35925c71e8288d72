/**
 * How long a test waits for what it knows will happen: a limit only for what never does, since a machine that does
 * other things as well can be slow. `expect.poll` has it by the configuration of all suites, so none is given to it.
 */
export const PATIENCE_MS = 60_000;
