import { describe, expect, it } from 'vitest';
import { StepError } from '../../engine/model/kind.ts';
import { endings, life, ofType } from '../rig/interpreter.ts';
import type { NodeForm } from '../rig/playbook.ts';

const kinds = {
  dump: { run: () => Promise.resolve({ path: '/tmp/keys.txt' }) },
  broken: { run: () => Promise.reject(new StepError('no', { code: 'no' })) },
};
const copy = { file: 'attachments/a', bytes: 3, sha256: 'abc' };
const attach = (_: string, path: string) =>
  path === '/missing' ? Promise.reject(new Error('there is no such file')) : Promise.resolve(copy);

describe('attach', () => {
  it('keeps the files that the expressions name, with their digests, and notes one that is missing', async () => {
    const steps: NodeForm[] = [{ id: 'dump', uses: 'dump', attach: ['${{ output.path }}', '/missing'] }];
    const { events, result } = await life(steps, { kinds, options: { attach } });
    expect(result).toEqual({ outcome: 'succeeded' });
    expect(ofType(events, 'attached')).toMatchObject([
      { key: 'dump', path: '/tmp/keys.txt', ...copy },
      { key: 'dump', path: '/missing', problem: 'there is no such file' },
    ]);
    const died = events.findIndex(({ type }) => type === 'attached');
    const second = await life(steps, { kinds, history: events.slice(0, died + 1), options: { attach } });
    expect(ofType(second.events, 'attached').map(({ path }) => path)).toEqual(['/tmp/keys.txt', '/missing']);
  });

  it('is done for a step that failed too, and an expression that fails stops nothing', async () => {
    const steps: NodeForm[] = [
      { id: 'a', uses: 'broken', attach: '/log', onFailure: 'continue' },
      { id: 'b', uses: 'broken', attach: '${{ output.path }}', onFailure: 'continue' },
    ];
    const { events } = await life(steps, { kinds, options: { attach } });
    expect(endings(events)).toEqual({ a: 'failed/tolerated', b: 'failed/tolerated' });
    expect(ofType(events, 'attached')).toMatchObject([
      { key: 'a', file: 'attachments/a' },
      { key: 'b', problem: expect.any(String) as string },
    ]);
  });
});
