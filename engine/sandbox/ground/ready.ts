import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from './text.ts';
import type { Program } from './program.ts';

const POLL_MS = 25;
const ANSWER_MS = 2000;

/** What has to answer before a program can be used: an address, or a port. Undefined: it is enough that it runs. */
export type Readiness = { readonly url: string } | { readonly port: number } | undefined;

/**
 * Resolves when the program can be used: when there is no `trouble` any more. Rejects, with the last that it printed,
 * when it ends or takes too long.
 */
export async function untilReady(
  program: Program,
  trouble: () => Promise<string | undefined>,
  timeoutMs: number,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const ending = program.ending;
    if (ending !== undefined) throw new Error(withLines(ending, await program.lastLines()));
    const found = await trouble();
    if (found === undefined) return;
    if (performance.now() > deadline) {
      throw new Error(
        withLines(`it is not ready after ${String(timeoutMs / 1000)} s: ${found}`, await program.lastLines()),
      );
    }
    await delay(POLL_MS);
  }
}

const withLines = (message: string, lines: string): string =>
  lines === '' ? message : `${message}\n${lines}`;

/** Why it cannot be used, in words; undefined when it can. */
export async function troubleOf(readiness: Readiness): Promise<string | undefined> {
  if (readiness === undefined) return undefined;
  return 'url' in readiness ? await unanswered(readiness.url) : await closed(readiness.port);
}

async function unanswered(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS), redirect: 'manual' });
    await response.body?.cancel();
    return response.ok ? undefined : `${url} answers ${String(response.status)}`;
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    return `${url} does not answer: ${messageOf(cause)}`;
  }
}

const closed = (port: number): Promise<string | undefined> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.once('error', (error) => resolve(`nobody listens at port ${String(port)}: ${error.message}`));
  });
