import type { Day } from '../base/day.ts';
import type { JsonObject } from '../base/json.ts';

/** What somebody found in a run and somebody is to see to. */
export interface NotedFinding {
  /** From 1, in the order in which they were noted. */
  readonly id: number;
  readonly run: string;
  readonly playbook: string;
  readonly text: string;
  readonly owner: string;
  readonly due: Day;
  /** Who noted it, and when, in microseconds. */
  readonly by: string;
  readonly at: number;
  readonly done?: { readonly at: number; readonly by: string; readonly reason?: string };
}

export const NOTED = 'finding.noted';
export const DONE = 'finding.done';

/** Every finding of a store, the oldest first, with what became of it. */
export function notedFindings(
  entries: readonly { readonly type: string; readonly at: number; readonly body: JsonObject }[],
): readonly NotedFinding[] {
  const all: NotedFinding[] = [];
  for (const { type, at, body } of entries) {
    const text = (name: string): string => {
      const value = body[name];
      return typeof value === 'string' ? value : '';
    };
    if (type === NOTED)
      all.push({
        ...{ id: all.length + 1, at, run: text('run'), playbook: text('playbook'), text: text('text') },
        ...{ owner: text('owner'), due: text('due'), by: text('by') },
      });
    const index = Number(body['id']) - 1;
    const found = all[index];
    if (type !== DONE || found === undefined) continue;
    const reason = text('reason');
    all[index] = { ...found, done: { at, by: text('by'), ...(reason !== '' && { reason }) } };
  }
  return all;
}

/** Those that nobody has seen to yet, the most pressing first. */
export const openFindings = (all: readonly NotedFinding[]): readonly NotedFinding[] =>
  all
    .filter(({ done }) => done === undefined)
    .toSorted((a, b) => (a.due < b.due ? -1 : a.due > b.due ? 1 : a.id - b.id));
