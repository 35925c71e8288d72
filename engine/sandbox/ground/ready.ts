import http from 'node:http';
import https from 'node:https';
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
    const status = await statusOf(url);
    return status >= 200 && status < 300 ? undefined : `${url} answers ${String(status)}`;
  } catch (error) {
    // Of one that takes too long, and of a name with several addresses, the reason lies below.
    const reason = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
    const cause = reason instanceof Error && reason.cause !== undefined ? reason.cause : reason;
    return `${url} does not answer: ${messageOf(cause)}`;
  }
}

/** By the plain client of Node.js: the first `fetch` of a process takes as long as a program needs to come up. */
const statusOf = (url: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const { get } = url.startsWith('https:') ? https : http;
    const asked = get(url, { signal: AbortSignal.timeout(ANSWER_MS), agent: false }, (answer) => {
      answer.destroy();
      resolve(answer.statusCode ?? 0);
    });
    asked.once('error', reject);
  });

const closed = (port: number): Promise<string | undefined> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.once('error', (error) => resolve(`nobody listens at port ${String(port)}: ${error.message}`));
  });
