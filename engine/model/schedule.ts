import type { Day } from '../base/day.ts';
import type { SourceFile } from '../source/file.ts';

/** What is due when: `playbooks/schedule.yaml`. */
export interface Schedule {
  readonly name: string;
  /** Where its days are those of the calendar: `Europe/Berlin`, `UTC`. */
  readonly zone: string;
  readonly entries: readonly ScheduleEntry[];
  readonly file: SourceFile;
}

export interface ScheduleEntry {
  readonly id: string;
  readonly title: string;
  readonly playbook: string;
  readonly environment: string;
  /** A recurrence rule of RFC 5545, as written. */
  readonly rule: string;
  readonly from: Day;
  /** How long after the due day it is due and not overdue. */
  readonly withinMs: number;
  /** SOC 2 wants it once a quarter. */
  readonly soc2: boolean;
}
