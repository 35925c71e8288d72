import { createEvaluator } from '../../../engine/expression/evaluator.ts';
import { rehearse } from '../../../engine/interpret/rehearse.ts';
import { interpret } from '../../../engine/interpret/run.ts';
import { createFolderStore } from '../../../engine/journal/folder-store.ts';
import { Redactor } from '../../../engine/journal/redact.ts';
import { Instant } from '../../../engine/base/instant.ts';
import type { Clock } from '../../../engine/base/clock.ts';
import type { EventBody } from '../../../engine/model/event.ts';
import { Secret } from '../../../engine/model/handle.ts';
import { environment } from './environment.ts';
import { REFERENCES } from './reference.ts';
import { World, stepKinds, truthfulOperator } from './world.ts';

/**
 * One life of a run: `node child.cjs <store> <world file> <playbook> <seq>`. It kills itself
 * right after the event of that number is durable; without one it runs to the end.
 */
const [root = '', worldFile = '', name = '', killAfter = '0'] = process.argv.slice(2);
const RUN = 'run';

const clock: Clock = {
  now: () => Instant.fromMillis(Date.now()),
  monotonic: () => performance.now(),
  uptime: () => performance.now(),
  sleep: (millis, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, millis);
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    }),
};

const store = createFolderStore(root, {
  clock,
  redactor: new Redactor(),
  onAppend: ({ seq }) => {
    if (seq === Number(killAfter)) process.kill(process.pid, 'SIGKILL');
  },
});

void live();

async function live(): Promise<void> {
  const begun = (await store.list()).includes(RUN);
  const open = begun ? await store.open(RUN) : await store.create(RUN);
  const process_ = { operator: 'ada', host: 'here', pid: process.pid, engine: '0', unattended: true };
  const playbook = REFERENCES[name];
  if (playbook === undefined) throw new Error(`no playbook ${name}`);
  const first: EventBody =
    open.events.length > 0
      ? { type: 'run.resumed', ...process_ }
      : {
          type: 'run.started',
          run: RUN,
          mode: 'drill',
          playbook: name,
          title: name,
          environment: { name: 'sandbox', kind: 'sandbox' },
          ...process_,
          sources: [],
          objectives: {},
          answers: {},
        };
  const history = [...open.events, ...(await open.journal.append(first))];
  const world = new World(worldFile);
  const never = new AbortController().signal;
  const options = {
    playbook,
    environment,
    mode: 'drill' as const,
    runId: RUN,
    folder: store.folder(RUN),
    journal: open.journal,
    history,
    steps: stepKinds(world),
    evaluator: createEvaluator(),
    operator: truthfulOperator(world),
    clock,
    secrets: { reveal: () => Promise.resolve(new Secret('')), conceal: () => undefined },
    signal: () => undefined,
    pause: never,
    stop: never,
  };
  const [rehearsal] = playbook.rehearsals;
  if (rehearsal === undefined) await interpret(options);
  else {
    const broken = await rehearse({ ...options, rehearsal });
    if ('fault' in broken)
      await interpret({ ...options, ...broken, rehearsal, history: await store.read(RUN) });
  }
  await open.seal();
  await open.close();
}
