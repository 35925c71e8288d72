/**
 * What ends or turns the walk of a run and is no failure of a step: a pause, an abort, a branch that is left.
 * Whoever catches errors of the walk passes it on.
 */
export abstract class Control extends Error {}
