import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { inFolder } from '../../ground/folder.ts';
import type { StartPart } from '../part.ts';

/** Starts a part of the kind `folder`: a folder in that of the world, which is removed with it. */
export const startFolder: StartPart = async (_, { id, worldFolder }) => {
  const path = join(inFolder(worldFolder).parts, id);
  await mkdir(path, { recursive: true, mode: 0o700 });
  return {
    members: { path: { value: path } },
    actions: {},
    state: () => ({ running: true }),
    trouble: async () => {
      const isThere = await readdir(path).then(
        () => true,
        () => false,
      );
      return isThere ? undefined : `the folder ${path} is gone`;
    },
  };
};
