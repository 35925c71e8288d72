import type { Expression, Template } from './template.ts';
import type { SourceFile } from '../source/file.ts';

/** Where backups are seen, and when somebody is told: `playbooks/monitors.yaml`. */
export interface Monitors {
  readonly environment: string;
  readonly looks: readonly Look[];
  readonly alerts: readonly Alert[];
  readonly file: SourceFile;
}

/** A read-only step, and how its output tells of backups. */
export interface Look {
  readonly id: string;
  readonly title: string;
  readonly uses: string;
  readonly with: Template;
  readonly found: Expression;
}

export interface Alert {
  readonly id: string;
  readonly title: string;
  /** The id of a look. */
  readonly of: string;
  readonly when: AlertCondition;
  readonly severity: string;
  readonly channels: readonly string[];
}

export type AlertCondition =
  | { readonly type: 'failed' }
  | { readonly type: 'smallerThan'; readonly share: number }
  | { readonly type: 'olderThan'; readonly millis: number }
  | { readonly type: 'unreadable' };
