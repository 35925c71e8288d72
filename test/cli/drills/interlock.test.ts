import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Value } from '../../../engine/base/value.ts';
import { systemClock } from '../../../engine/cli/clock.ts';
import { createEvaluator } from '../../../engine/expression/evaluator.ts';
import { interpret } from '../../../engine/interpret/run.ts';
import { loadEnvironment } from '../../../engine/load/environment.ts';
import { folderLibrary } from '../../../engine/load/library.ts';
import { loadPlaybook } from '../../../engine/load/playbook.ts';
import { readArgs } from '../../../engine/load/read-args.ts';
import { validateArgs } from '../../../engine/load/stepschema.ts';
import type { Environment } from '../../../engine/model/environment.ts';
import type { Operator, Question } from '../../../engine/model/ports.ts';
import type { StepFinished } from '../../../engine/model/event.ts';
import type { World } from '../../../engine/sandbox/world.ts';
import { SourceFile } from '../../../engine/source/file.ts';
import { createStepTable } from '../../../engine/kinds/index.ts';
import { createSecretResolver } from '../../../engine/kinds/environment/secrets.ts';
import { MemoryJournal } from '../../rig/memory-journal.ts';
import { drillbook, temporaryFolder } from '../../rig/drillbook.ts';
import { stateOf } from '../../sandbox/parts-rig.ts';
import { query, start } from '../../sandbox/rig.ts';

// A playbook that suspends, switches and rewrites, walked to its end by an operator who says yes to
// everything. What counts is what the servers saw.
const PLAYBOOK = `
version: 1
id: writes-everywhere
title: Writes everywhere
summary: Each step changes something.
steps:
  - id: suspend
    uses: render.suspend
    with: { service: "\${{ env.services.api }}" }
  - id: switch
    uses: render.set-env
    with: { service: "\${{ env.services.api }}", key: FEATURE, value: "on" }
  - id: deploy
    uses: render.deploy
    with: { service: "\${{ env.services.worker }}" }
  - id: recover
    uses: render.recover-postgres
    with: { database: "\${{ env.databases.main }}", at: "\${{ now - duration('1m') }}" }
  - id: rewrite
    uses: sql.execute
    with: { database: "\${{ env.databases.main }}", statement: delete from heartbeats }
    effect: destructive
    touches: "\${{ env.databases.main }}"
  - id: request
    uses: http.request
    with: { url: "\${{ env.services.api.url }}/api/auth/login/", method: POST, json: {} }
    touches: "\${{ env.services.api }}"
`;

/** Says yes to every gate; a step that was refused is skipped, so that the next one has its chance. */
const RECKLESS: Operator = {
  name: 'reckless',
  ask: (question: Question) =>
    Promise.resolve(
      question.type === 'gate'
        ? { answer: 'go', ...(question.typed !== undefined && { values: { typed: question.typed } }) }
        : { answer: 'skip', reason: 'to see whether the next one gets through' },
    ),
};

let world: World;
let sandbox: string;

beforeAll(async () => {
  world = await start();
  await world.baseline();
  sandbox = await world.environmentText();
});

afterAll(() => world.stop());

describe('a drill', () => {
  it('writes to its own sandbox: the same steps do reach the servers there', async () => {
    const before = await writes();
    const outcomes = await drill(await environment(sandbox));
    expect(outcomes['switch']).toBe('succeeded');
    expect(await writes()).toBeGreaterThan(before);
  });

  it('makes no write to an environment of kind production', async () => {
    await expectNoWrites(sandbox.replace('kind: sandbox', 'kind: production'));
  });

  it('makes no write to a target whose fingerprint differs', async () => {
    const other = sandbox
      .replaceAll(/systemIdentifier: .*/g, 'systemIdentifier: "1"')
      .replaceAll(/workspace: .*/g, 'workspace: tea-000000000000000000x0');
    await expectNoWrites(other.replace('kind: sandbox', 'kind: staging'));
  });

  it('makes no write to a target that has no fingerprint', async () => {
    await expectNoWrites(withoutFingerprints(sandbox).replace('kind: sandbox', 'kind: staging'));
  });

  it('makes no write to a target that cannot say who it is', async () => {
    const lost = sandbox.replace(/key:\n\s+file: .*/, 'key:\n    file: /nonexistent/key');
    expect(lost).not.toBe(sandbox);
    await expectNoWrites(lost.replace('kind: sandbox', 'kind: staging'));
  });

  it('is refused by the command before anything starts', async () => {
    const folder = temporaryFolder();
    await writeFile(join(folder, 'production.yaml'), sandbox.replace('kind: sandbox', 'kind: production'));
    const before = await writes();
    const { exitCode, stderr } = await drillbook(
      ['drill', 'database-corruption', '--env', 'production.yaml', '--yes'],
      { cwd: folder },
    );
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/production environment; a drill never writes to one/);
    expect(await writes()).toBe(before);
  });
});

async function expectNoWrites(text: string): Promise<void> {
  const before = [await writes(), await heartbeats()];
  const outcomes = await drill(await environment(text));
  expect(outcomes).toEqual({
    suspend: 'interlock',
    switch: 'interlock',
    deploy: 'interlock',
    recover: 'interlock',
    rewrite: 'interlock',
    request: 'interlock',
  });
  expect(await writes()).toBe(before[0]);
  expect(await heartbeats()).toBeGreaterThanOrEqual(before[1] ?? Infinity);
}

/** Requests to the Render service that change something, as the service counted them. */
async function writes(): Promise<number> {
  const { requests } = await stateOf(world, 'cloud');
  return (requests as { readonly writes: number }).writes;
}

async function heartbeats(): Promise<number> {
  const url = await connection();
  const [row] = await query<{ count: string }>(url, 'select count(*) from heartbeats');
  return Number(row?.count);
}

async function connection(): Promise<string> {
  const loaded = await environment(sandbox);
  const secrets = createSecretResolver(
    () => loaded,
    () => undefined,
  );
  const main = (loaded.data['databases'] as { readonly main: { readonly renderId: Value } }).main;
  const handle = { $ref: 'render.postgres', id: main.renderId, network: 'external' };
  return (await secrets.reveal(handle)).reveal();
}

async function environment(text: string): Promise<Environment> {
  const { value, diagnostics } = await loadEnvironment(new SourceFile('environment.yaml', text));
  if (value === undefined) throw new Error(JSON.stringify(diagnostics.map(({ message }) => message)));
  return value;
}

const withoutFingerprints = (text: string): string =>
  text.replaceAll(/^ {4}fingerprint:\n(?: {6}.*\n)+/gm, '');

/** Walks the playbook as a drill; by step: the error's code where it failed, else its outcome. */
async function drill(target: Environment): Promise<Readonly<Record<string, string>>> {
  const { value: playbook, diagnostics } = await loadPlaybook(
    new SourceFile('writes-everywhere.yaml', PLAYBOOK),
    folderLibrary([]),
  );
  if (playbook === undefined) throw new Error(JSON.stringify(diagnostics.map(({ message }) => message)));
  const journal = new MemoryJournal(systemClock);
  const never = new AbortController().signal;
  await interpret({
    playbook,
    environment: target,
    mode: 'drill',
    runId: 'reckless',
    folder: resolve('.'),
    journal,
    history: [],
    steps: createStepTable({ validateArgs, readArgs }),
    evaluator: createEvaluator(),
    operator: RECKLESS,
    clock: systemClock,
    secrets: createSecretResolver(
      () => target,
      () => undefined,
    ),
    signal: () => undefined,
    pause: never,
    stop: never,
  });
  const finished = journal.events.filter(
    (event): event is typeof event & StepFinished => event.type === 'step.finished',
  );
  return Object.fromEntries(finished.map(({ key, outcome, error }) => [key, error?.code ?? outcome]));
}

it('has a key to lose in these tests', async () => {
  const file = /file: (.*)/.exec(sandbox)?.[1] ?? '';
  expect((await readFile(file, 'utf8')).length).toBeGreaterThan(8);
});
