import type { JsonObject } from '../../base/json.ts';
import type { Disk } from '../ground/disk.ts';
import type { Part } from './part.ts';

/** What can be asked of a part that may have a disk of its own; `state`: what it answers. */
export const diskActions = (
  id: string,
  disk: Disk | undefined,
  state: () => JsonObject,
): Part['actions'] => ({
  'free-space': async () => {
    if (disk === undefined)
      throw new Error(`${id} has no disk of its own: give it one in the world's file, disk: 200MB`);
    await disk.free();
    return state();
  },
});
