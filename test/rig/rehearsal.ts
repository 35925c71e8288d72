import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { parse, stringify } from 'yaml';
import { Instant } from '../../engine/base/instant.ts';
import type { Json, JsonObject } from '../../engine/base/json.ts';
import type { Event } from '../../engine/model/event.ts';
import type { LossCounted } from '../../engine/model/evidence-event.ts';
import { processesOf } from '../sandbox/rig.ts';
import { drillbook, temporaryFolder } from './drillbook.ts';

/** A whole drill: a world starts, breaks and is recovered. Machines that are busy take their time. */
export const DRILL_MS = 300_000;

/** What ends a loss window behind the fence: the newest heartbeat, or a row of the writer that is a little newer. */
export const LEFT_BEHIND: unknown = expect.stringMatching(/^(newestLost|counted)$/);

interface Objective {
  readonly verdict: 'met' | 'missed' | 'unproven';
  readonly actualMs?: number;
  /** Of the RPO: how much of its window lies after the accident, and what showed its end. */
  readonly afterMs?: number;
  readonly atLeast?: boolean;
  readonly recoveryPointAt?: string;
  readonly lostUntil?: string;
  readonly endedBy?: string;
  readonly reason?: string;
  /** The steps that showed its beginning and its end. */
  readonly recordedBy?: string;
  readonly shownBy?: string;
  /** Of the RTO: who says when its marks were reached. */
  readonly fromBy?: { readonly source: string; readonly step?: string };
  readonly toBy?: { readonly source: string; readonly step?: string };
}

/** What `drillbook report --format json` says, as far as the tests of playbooks ask. */
export interface Report {
  readonly run: {
    readonly outcome?: string;
    readonly exitCode: number;
    readonly rehearsal?: string;
    readonly world?: string;
  };
  readonly objectives: { readonly rto?: Objective; readonly rpo?: Objective };
  /** What the figures say nothing about. */
  readonly notCovered: readonly { readonly figure: 'RTA' | 'RPA'; readonly text: string }[];
  readonly checks: readonly { readonly step: string; readonly verdict: 'red' | 'green' | 'notAimable' }[];
  readonly steps: readonly {
    readonly key: string;
    readonly outcome?: string;
    readonly error?: { readonly message: string };
  }[];
  readonly recorded: readonly { readonly step: string; readonly name: string; readonly value: Json }[];
  readonly debts: readonly { readonly key: string; readonly due: 'abort' | 'exit'; readonly how?: string }[];
}

export interface Drilled {
  readonly exitCode: number | null;
  readonly report: Report;
  /** How each step ended, by its key; steps that were not reached are not in it. */
  readonly outcomes: Readonly<Record<string, string>>;
  /** The writer's own list against what was recovered. */
  readonly counted: LossCounted | undefined;
  /** What the steps recorded last, by name. */
  readonly recorded: Readonly<Record<string, Json>>;
  /** The outputs of the steps, by their keys. */
  readonly outputs: Readonly<Record<string, JsonObject>>;
  /** What the checks of the result said of the broken world, by the id of their step. */
  readonly proofs: Readonly<Record<string, string>>;
  /** Processes and debts that outlived the drill. */
  readonly left: readonly string[];
}

interface RehearseOptions {
  readonly rehearsal?: string;
  readonly args?: readonly string[];
  /** Where its store lies, when it shall know of earlier drills. */
  readonly cwd?: string;
}

/** A playbook as it is written. */
type Written = Readonly<Record<string, Json>> & {
  readonly steps: readonly Json[];
  readonly always?: readonly Json[];
};

/** A shipped playbook, procedure or checklist, as its file has it. */
export function shipped(playbook: string): Written {
  const playbooks = join(import.meta.dirname, '..', '..', 'playbooks');
  const path = [playbooks, join(playbooks, 'procedures'), join(playbooks, 'checklists')]
    .map((each) => join(each, `${playbook}.yaml`))
    .find(existsSync);
  return parse(readFileSync(path ?? '', 'utf8')) as Written;
}

interface Derivation {
  /** Steps of a test in front of those of its `always`. */
  readonly always?: string;
  /** What takes the place of what it says otherwise. */
  readonly change?: Readonly<Record<string, Json>>;
}

/**
 * A shipped playbook with steps of a test in front of its own, under another id, in a folder of its own:
 * `drill <id>-derived --playbooks <folder>`.
 */
export function derived(
  playbook: string,
  steps: string,
  { always, change = {} }: Derivation = {},
): { readonly id: string; readonly args: readonly string[] } {
  const folder = temporaryFolder();
  const id = `${playbook}-derived`;
  const own = shipped(playbook);
  const text = stringify(
    {
      ...own,
      id,
      ...change,
      steps: [...(parse(steps) as Json[]), ...own.steps],
      ...(always !== undefined && { always: [...(parse(always) as Json[]), ...(own.always ?? [])] }),
    },
    { lineWidth: 0 },
  );
  writeFileSync(join(folder, `${id}.yaml`), text);
  return { id, args: ['--playbooks', folder] };
}

/** Runs `drillbook drill` unattended, as it ships, to its end. A test that fails shows what the drill said. */
export async function rehearse(playbook: string, options: RehearseOptions = {}): Promise<Drilled> {
  const cwd = options.cwd ?? temporaryFolder();
  const chosen = options.rehearsal === undefined ? [] : ['--rehearsal', options.rehearsal];
  const { exitCode, stdout, stderr } = await drillbook(
    ['drill', playbook, '--json', ...chosen, ...(options.args ?? [])],
    { cwd },
  );
  const events = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Event);
  onTestFinished(async ({ task }) => {
    if (task.result?.state !== 'fail') return;
    const text = await drillbook(['report'], { cwd });
    process.stderr.write(`${stderr}${text.stdout}${text.stderr}`);
    // Beside what failed, too, where the proof of the whole tells it once more at its end.
    task.result.errors?.push({ name: 'Drill', message: `the drill said: …${stderr.slice(-800)}` });
  });
  const report = JSON.parse((await drillbook(['report', '--format', 'json'], { cwd })).stdout) as Report;
  return {
    exitCode,
    report,
    outcomes: Object.fromEntries(report.steps.map(({ key, outcome }) => [key, outcome ?? 'unknown'])),
    counted: events.find((event) => event.type === 'loss.counted'),
    recorded: Object.fromEntries(
      events.flatMap((event) => (event.type === 'recorded' ? [[event.name, event.value]] : [])),
    ),
    outputs: Object.fromEntries(
      events.flatMap((event) =>
        event.type === 'step.finished' && event.output !== undefined
          ? [[event.key, event.output as JsonObject]]
          : [],
      ),
    ),
    proofs: Object.fromEntries(report.checks.map(({ step, verdict }) => [step, verdict])),
    left: [
      ...report.debts
        .filter(({ due, how }) => due === 'exit' && (how === undefined || how === 'failed'))
        .map(({ key }) => key),
      ...(await processesOf(worldFolder(events))),
    ],
  };
}

const SECOND = 1_000_000;

/** Microseconds since the epoch of a moment of the report. */
export const micros = (time: string | undefined): number => Instant.parse(time ?? '')?.epochMicros ?? 0;

/** The window of what is abandoned, by the writer's own list: all that is lost lies in it, and it ends with the last of it. */
export function expectWindow({ report, counted }: Pick<Drilled, 'report' | 'counted'>): void {
  const { rpo } = report.objectives;
  expect(rpo?.verdict).toBe('met');
  expect(micros(rpo?.recoveryPointAt)).toBeLessThan(counted?.oldestLost ?? 0);
  const end = micros(rpo?.lostUntil);
  expect(end).toBeGreaterThanOrEqual(counted?.newestLost ?? Infinity);
  // The worker is stopped after the application and beats meanwhile: on a busy machine for more than a second.
  expect(end).toBeLessThan((counted?.newestLost ?? 0) + 5 * SECOND);
}

function worldFolder(events: readonly Event[]): string {
  const started = events.find((event) => event.type === 'world.started');
  if (started === undefined) throw new Error('the drill started no world');
  return (started.address as { readonly folder: string }).folder;
}
