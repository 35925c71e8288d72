import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Json } from '../../engine/base/json.ts';
import { compileChild } from './compile-child.ts';
import type { StepNews, StepOrder } from './step-child.ts';

/**
 * One life of a step in a process of its own that is killed, not asked to end, at the first checkpoint that `when` is
 * content with; that checkpoint, as the journal would have it for the next life. It does nothing more meanwhile, however
 * late the kill comes. Rejects when it ended before.
 */
export async function killedAt(order: StepOrder, when: (checkpoint: Json) => boolean): Promise<Json> {
  const folder = await mkdtemp(join(tmpdir(), 'drillbook-child-'));
  const program = await compileChild(new URL('step-child.ts', import.meta.url), folder);
  const child = fork(program, { execArgv: [] });
  const exited = once(child, 'exit');
  try {
    return await new Promise<Json>((resolve, reject) => {
      child.on('message', (news: StepNews) => {
        if (news.type === 'end') reject(new Error(`it ended first: ${news.error?.message ?? 'well'}`));
        if (news.type !== 'checkpoint') return;
        if (when(news.checkpoint)) resolve(news.checkpoint);
        else child.send('go on');
      });
      child.send({ ...order, held: true } satisfies StepOrder);
    });
  } finally {
    child.kill('SIGKILL');
    await exited;
    await rm(folder, { recursive: true });
  }
}
