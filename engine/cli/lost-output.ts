import { closeSync, openSync } from 'node:fs';
import { isatty } from 'node:tty';
import { EXIT } from './exit.ts';
import { printError } from './terminal.ts';

/** EPIPE: the other end of a pipe has ended. EIO, ENXIO: the terminal was closed. */
const GONE = new Set(['EPIPE', 'EIO', 'ENXIO']);

/**
 * Nobody reads any more (`drillbook list | head -1`, a closed terminal): what is written is dropped. A run takes
 * it as SIGHUP and pauses; every other command ends as it would have. What could not be written for another
 * reason, such as a full disk, is said, and is a failure.
 */
export function outliveReaders(): void {
  // Whoever runs several commands in one process has it once.
  if (process.stdout.listeners('error').includes(readerIsGone)) return;
  for (const stream of [process.stdout, process.stderr]) stream.on('error', readerIsGone);
  const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));
  process.on('exit', () => leaveLost(terminals));
}

/** For the `error` event of a standard stream. */
export function readerIsGone(error: NodeJS.ErrnoException): void {
  if (GONE.has(error.code ?? '')) {
    process.emit('SIGHUP', 'SIGHUP');
    return;
  }
  process.once('exit', () => (process.exitCode = EXIT.failed));
  printError(`error: standard output is not complete: ${error.message}`);
}

/**
 * At its end Node.js gives each terminal its settings back, and crashes where it cannot, because the terminal was
 * closed meanwhile. It leaves alone a descriptor that is something else by then.
 */
function leaveLost(terminals: readonly number[]): void {
  for (const descriptor of terminals) {
    if (isatty(descriptor)) continue;
    closeSync(descriptor);
    // The lowest free number: the one that was closed.
    openSync('/dev/null', 'r+');
  }
}
