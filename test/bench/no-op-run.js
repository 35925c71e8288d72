// A playbook of many steps that do nothing, run through the real parts: loader, interpreter, folder store.
import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { systemClock } from '../../dist/cli/clock.js';
import { createEvaluator } from '../../dist/expression/evaluator.js';
import { interpret } from '../../dist/interpret/run.js';
import { createFolderStore } from '../../dist/journal/folder-store.js';
import { Redactor } from '../../dist/journal/redact.js';
import { loadEnvironment } from '../../dist/load/environment.js';
import { loadPlaybook } from '../../dist/load/playbook.js';
import { readArgs } from '../../dist/load/read-args.js';
import { validateArgs } from '../../dist/load/stepschema.js';
import { SourceFile } from '../../dist/source/file.js';
import { createStepTable } from '../../dist/kinds/index.js';

const ENVIRONMENT = 'version: 1\nname: bench\nkind: sandbox\n';

const NO_LIBRARY = { find: () => Promise.resolve(undefined), ids: () => Promise.resolve([]) };

const NOBODY = { name: 'bench', ask: (question) => Promise.reject(new Error(`asked: ${question.title}`)) };

const NO_SECRETS = { reveal: () => Promise.reject(new Error('there are no secrets here')) };

function playbookOf(steps) {
  const step = (number) =>
    `  - { id: step${number}, title: Step ${number}, uses: assert, assert: [{ that: '1 < 2' }] }`;
  const lines = Array.from({ length: steps }, (_, index) => step(index + 1));
  return `version: 1\nid: bench\ntitle: Bench\nsummary: Steps that do nothing.\nsteps:\n${lines.join('\n')}\n`;
}

/** The step kinds, with another effect than their own: `assert` does nothing, whatever it claims. */
function stepsClaiming(effect) {
  const table = createStepTable({ validateArgs, readArgs });
  return { ...table, load: async (name) => ({ ...(await table.load(name)), effect: () => effect }) };
}

let runs = 0;

/**
 * Loads, runs and resumes such a playbook; times in milliseconds. With the effect `none`, events share
 * an fsync; with `write`, the beginning and the end of each step are made durable on their own.
 */
export async function runNoOpPlaybook(folder, { steps, effect }) {
  const { value: environment } = await loadEnvironment(new SourceFile('bench.yaml', ENVIRONMENT));
  const beforeLoad = performance.now();
  const loaded = await loadPlaybook(new SourceFile('bench.yaml', playbookOf(steps)), NO_LIBRARY);
  const loadMillis = performance.now() - beforeLoad;
  if (loaded.value === undefined)
    throw new Error(loaded.diagnostics.map(({ message }) => message).join('\n'));

  const runId = `bench-${++runs}`;
  const events = [];
  const onAppend = (event) => events.push(event);
  const store = createFolderStore(folder, { clock: systemClock, redactor: new Redactor(), onAppend });
  const open = await store.create(runId);
  const never = new AbortController().signal;
  const options = {
    playbook: loaded.value,
    environment,
    mode: 'drill',
    runId,
    folder: store.folder(runId),
    journal: open.journal,
    history: [],
    steps: stepsClaiming(effect),
    evaluator: createEvaluator(),
    operator: NOBODY,
    clock: systemClock,
    secrets: NO_SECRETS,
    signal: () => undefined,
    pause: never,
    stop: never,
  };
  const beforeRun = performance.now();
  const { outcome } = await interpret(options);
  const runMillis = performance.now() - beforeRun;
  if (outcome !== 'succeeded') throw new Error(`the run ended as ${outcome}`);

  const journalBytes = statSync(join(dirname(store.folder(runId)), 'journal.jsonl')).size;
  // As of a run that was cut off just before its end: every step is in its history.
  const history = events.slice(
    0,
    events.findIndex(({ type }) => type === 'run.finished'),
  );
  const beforeResume = performance.now();
  await interpret({ ...options, history });
  const resumeMillis = performance.now() - beforeResume;
  await open.close();
  return { loadMillis, runMillis, resumeMillis, events: history.length, journalBytes };
}
