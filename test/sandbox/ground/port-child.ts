import { reservePort } from '../../../engine/sandbox/ground/port.ts';

/** Reserves as many ports as it is told, tells which, and keeps them until whoever started it lets go of it. */
process.once('disconnect', () => process.exit());
void Promise.all(Array.from({ length: Number(process.argv[2]) }, reservePort)).then((ports) =>
  process.send?.(ports),
);
