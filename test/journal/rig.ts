import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { Clock } from '../../engine/base/clock.ts';
import { Instant } from '../../engine/base/instant.ts';
import type { Json } from '../../engine/base/json.ts';
import { createFolderStore } from '../../engine/journal/folder-store.ts';
import { Redactor } from '../../engine/journal/redact.ts';
import type { Store } from '../../engine/journal/store.ts';
import type { Event, EventBody } from '../../engine/model/event.ts';
import fc from '../rig/fast-check.ts';

/** A clock that stands still until the test moves it; wall and monotonic time can be moved apart. */
export class TestClock implements Clock {
  wallMs = Date.UTC(2026, 10, 22, 14, 55);
  upMs = 5000;
  /** How long the machine slept so far: the monotonic clock stands still meanwhile. */
  sleptMs = 0;

  now(): Instant {
    return Instant.fromMillis(this.wallMs);
  }

  monotonic(): number {
    return this.upMs;
  }

  uptime(): number {
    return this.upMs + this.sleptMs;
  }

  sleep(): Promise<void> {
    return Promise.resolve();
  }

  pass(millis: number): void {
    this.wallMs += millis;
    this.upMs += millis;
  }
}

/** An empty folder that is gone when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'drillbook-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface TestStore {
  readonly store: Store;
  readonly root: string;
  readonly clock: TestClock;
  readonly redactor: Redactor;
  /** What `onAppend` was told. */
  readonly told: Event[];
  journal(run: string): string;
  head(run: string): string;
}

export function testStore(root = temporaryFolder()): TestStore {
  const clock = new TestClock();
  const redactor = new Redactor();
  const told: Event[] = [];
  return {
    store: createFolderStore(root, { clock, redactor, onAppend: (event) => told.push(event) }),
    root,
    clock,
    redactor,
    told,
    journal: (run) => join(root, 'runs', run, 'journal.jsonl'),
    head: (run) => join(root, 'runs', run, 'journal.head'),
  };
}

export const note = (text: string): EventBody => ({ type: 'note.added', text, by: 'ada' });

/** Writes a run with these events, and seals it when asked. */
export async function written(
  { store }: Pick<TestStore, 'store'>,
  run: string,
  bodies: readonly EventBody[],
  sealed = false,
): Promise<void> {
  const open = await store.create(run);
  for (const body of bodies) await open.journal.append(body);
  if (sealed) await open.seal();
  await open.close();
}

/** Any JSON that a text can hold and give back: minus zero is the one number that it cannot. */
export const anyJson: fc.Arbitrary<Json> = fc
  .jsonValue({ maxDepth: 3 })
  .map((value) => JSON.parse(JSON.stringify(value)) as Json);

const anyText = fc.string({ unit: 'binary', maxLength: 30 });

/** Bodies of several types; what they say is arbitrary. */
export const anyBody: fc.Arbitrary<EventBody> = fc.oneof(
  fc.record({ type: fc.constant('note.added' as const), text: anyText, by: anyText }),
  fc.record({ type: fc.constant('recorded' as const), key: anyText, name: anyText, value: anyJson }),
  fc.record({ type: fc.constant('step.checkpoint' as const), key: anyText, data: anyJson }),
  fc.record({
    type: fc.constant('step.finished' as const),
    key: anyText,
    title: anyText,
    outcome: anyText,
    conclusion: fc.constantFrom('ok' as const, 'failed' as const),
    output: anyJson,
  }),
);

/** The body of an event, as it was handed to the journal. */
export function bodyOf(event: Event): EventBody {
  const { seq, at, up, ...body } = event;
  expect([seq, at, up].every(Number.isFinite)).toBe(true);
  return body;
}
