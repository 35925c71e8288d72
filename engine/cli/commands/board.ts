import { runsOf } from '../board/runs.ts';
import { systemClock } from '../clock.ts';
import { CommandError, EXIT } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import { operatorIn } from '../run/identity.ts';
import { openStore } from '../run/store.ts';
import { print, say, sayCommand } from '../terminal.ts';

export interface BoardCommandOptions {
  readonly store?: string;
  readonly listen: string;
  readonly as?: string;
}

/** `drillbook board`: the runs of a store in a browser of this machine, until it is told to end. */
export async function board(options: BoardCommandOptions): Promise<ExitCode> {
  const { host, port } = listenAddress(options.listen);
  const store = await openStore(options.store);
  const person = operatorIn(undefined, options.as);
  const { serveBoard } = await import('../../board/serve.ts');
  const served = await serveBoard(host, port, {
    ...{ runs: runsOf(store), clock: systemClock, person, tell: say },
    onLogin: () => {
      say('Somebody came in with that link, which is used up.');
      tellLink();
    },
  }).catch((error: unknown) => {
    throw new CommandError(`the board cannot listen on ${options.listen}: ${(error as Error).message}`, {
      exitCode: EXIT.invalid,
      hint: 'Name another port: --listen 127.0.0.1:PORT.',
    });
  });
  const tellLink = (): void =>
    sayCommand('Come in, once:', `${served.address}/enter/${served.board.loginLink()}`);
  print(
    `The board of ${store.place} is at ${served.address}; whoever comes in is ${person}. Ctrl-C ends it.`,
  );
  tellLink();
  await toldToEnd();
  await served.close();
  return EXIT.done;
}

/** Loopback and nothing else: whoever reaches another address of this machine would not have to log in to it. */
function listenAddress(text: string): { readonly host: string; readonly port: number } {
  const [, host = '', port = ''] = /^(.*?):?(\d{1,5})$/.exec(text) ?? [];
  const name = host.replace(/^\[(.*)\]$/, '$1');
  if (!LOOPBACK.has(name) || Number(port) > 65_535)
    throw new CommandError(`the board does not listen on ${text}: only on this machine itself`, {
      exitCode: EXIT.invalid,
      hint: 'It has no log-in for a network yet. --listen 127.0.0.1:PORT it is, and a tunnel brings it to another machine: ssh -L PORT:127.0.0.1:PORT HOST.',
    });
  return { host: name === '' ? '127.0.0.1' : name, port: Number(port) };
}

const LOOPBACK: ReadonlySet<string> = new Set(['', '127.0.0.1', 'localhost', '::1']);

const toldToEnd = (): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      for (const signal of SIGNALS) process.off(signal, end);
      resolve();
    };
    for (const signal of SIGNALS) process.on(signal, end);
  });

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
