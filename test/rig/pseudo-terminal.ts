import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { MAIN } from './drillbook.ts';
import type { Place } from './drillbook.ts';
import { VirtualTerminal } from './virtual-terminal.ts';

const SIZE = { columns: 100, rows: 30 };
/** Pictures between two presses: longer than a question wants silence before it hears a key. */
const PAINTED = 8;

/** Opens a pseudo-terminal, starts a command on it, and passes on what goes in and comes out. SIGUSR1 closes it. */
const PTY = `
import fcntl, os, pty, select, signal, struct, sys, termios
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', int(sys.argv[1]), int(sys.argv[2]), 0, 0))
    os.execvp(sys.argv[3], sys.argv[3:])
class Closed(Exception): pass
def close(*_): raise Closed
signal.signal(signal.SIGUSR1, close)
sources = [terminal, 0]
try:
    while True:
        ready, _, _ = select.select(sources, [], [])
        if 0 in ready:
            keys = os.read(0, 4096)
            if keys: os.write(terminal, keys)
            else: sources.remove(0)
        if terminal in ready:
            try: shown = os.read(terminal, 65536)
            except OSError: break
            if not shown: break
            os.write(1, shown)
except Closed: os.close(terminal)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

export interface OnTerminal {
  readonly terminal: VirtualTerminal;
  /** Presses a key again and again for as long as the screen shows this question, each time after it was painted a few times: keys pressed too soon are dropped. */
  answer(question: RegExp, key: string): Promise<void>;
  /** Types a text, where one is asked for. */
  type(text: string): void;
  /** Closes the terminal, as who shuts its window. */
  close(): void;
  readonly finished: Promise<number | null>;
}

interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Starts the built command on a real terminal. */
export const startOnTerminal = (args: readonly string[], options: Place, size?: Size): OnTerminal =>
  startProgramOnTerminal([process.execPath, options.main ?? MAIN, ...args], options, size);

/** The same of any program, such as a shell. */
export function startProgramOnTerminal(
  command: readonly string[],
  options: Place,
  { columns, rows }: Size = SIZE,
): OnTerminal {
  const terminal = new VirtualTerminal(columns, rows);
  const size = [String(rows), String(columns)];
  const child = spawn('python3', ['-c', PTY, ...size, ...command], {
    cwd: options.cwd,
    env: { ...process.env, TERM: 'xterm-256color', NO_COLOR: '', LANG: 'C.UTF-8', ...options.env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (text: string) => terminal.write(text));
  return {
    terminal,
    async answer(question, key) {
      await terminal.shows(question);
      let painted = 0;
      const press = (): void => {
        if (painted++ % PAINTED === 0 && question.test(terminal.text)) child.stdin.write(key);
      };
      child.stdout.on('data', press);
      await terminal.hides(question);
      child.stdout.off('data', press);
    },
    type: (text) => void child.stdin.write(text),
    close: () => void child.kill('SIGUSR1'),
    finished: once(child, 'close').then(([code]) => code as number | null),
  };
}
