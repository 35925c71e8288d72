/** A life of a run ends at a safe point. */
export interface RunPaused {
  readonly type: 'run.paused';
  readonly by: string;
  readonly reason: string;
  /** Who has to go on with it: any worker, or a person who answers. Absent where whoever paused it will. */
  readonly waitsFor?: WaitsFor;
  /** What a person is asked, by the title of the step. */
  readonly asks?: string;
}

export type WaitsFor = 'worker' | 'person';

/** Another life of it begins. */
export interface RunResumed {
  readonly type: 'run.resumed';
  readonly operator: string;
  readonly host: string;
  readonly pid: number;
  readonly engine: string;
  readonly unattended: boolean;
}
