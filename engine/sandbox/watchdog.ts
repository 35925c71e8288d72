/**
 * Outlives a world that is killed, and then removes what it left: PostgreSQL has no way to
 * die with the process that started it. Started with the world's folder; its input ends with
 * the world.
 */
import { removeRemains } from './ground/folder.ts';

const folder = process.argv[2];
process.stdin.resume();
process.stdin.once('close', () => {
  if (folder !== undefined) void removeRemains(folder);
});
