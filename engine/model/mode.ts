import type { RunMode } from './kind.ts';

/** What a run is. A tabletop goes through a playbook with people and clock, and carries out no step. */
export type Mode = RunMode | 'tabletop';

/** How a step ends at a tabletop: people would do it, or would do something else. */
export type TableOutcome = 'talkedThrough' | 'otherwise';

/**
 * Whether a run is evidence of anything: at a tabletop people only talk, so that no figure, no trend and no due
 * date may rest on it. The run that died before its first event has no mode.
 */
export const isEvidence = (mode: Mode | ''): boolean => mode !== 'tabletop';
