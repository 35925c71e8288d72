// Records a guided drill as docs/drill.svg, the picture of the README: `npm run picture`. The drill is a real one, on a
// terminal of its own; the keys are those that somebody would press who agrees to each step.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import xterm from '@xterm/headless';
import { pictureOf } from './svg.js';

const COLUMNS = 92;
const ROWS = 28;
/** How long a question stands before it is answered, that it can be read. */
const READING_MS = 1800;
const TYPING_MS = 90;
/** How long screens are shown that differ in nothing but their clocks, at the longest, and any screen, at the shortest. */
const SCENE_MS = 2000;
const SHORTEST_MS = 120;
/** How long the verdict stands at the end. */
const END_MS = 6000;

const root = resolve(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'drillbook-picture-'));
// On the path, as where it is installed: what it prints names no place of this machine.
mkdirSync(join(folder, 'bin'));
symlinkSync(join(root, 'dist', 'cli', 'main.cjs'), join(folder, 'bin', 'drillbook'));
const command = `stty cols ${COLUMNS} rows ${ROWS}; exec '${process.execPath}' '${join(folder, 'bin', 'drillbook')}' drill database-corruption`;
const child = spawn('script', ['-qfec', command, '/dev/null'], {
  cwd: folder,
  env: {
    ...process.env,
    ...{ npm_command: undefined, NO_COLOR: undefined, FORCE_COLOR: undefined },
    ...{ TERM: 'xterm-256color', DRILLBOOK_OPERATOR: 'dana' },
    PATH: `${join(folder, 'bin')}${delimiter}${process.env['PATH']}`,
  },
  stdio: ['pipe', 'pipe', 'inherit'],
});

const terminal = new xterm.Terminal({ cols: COLUMNS, rows: ROWS, allowProposedApi: true, scrollback: 1000 });
/** @type {{ lines: { text: string, style: string }[][], at: number }[]} */
const frames = [];
let asked = '';
let askedAt = 0;

child.stdout.on('data', (chunk) => terminal.write(chunk, look));
const watch = setInterval(look, 50);
const code = await new Promise((done) => child.once('close', done));
clearInterval(watch);
look();
rmSync(folder, { recursive: true, force: true });
if (code !== 0) throw new Error(`the drill ended with ${code}; the picture was left as it was`);
frames.push({ lines: screen(verdictRow()), at: Date.now() });
const picture = pictureOf(timed(frames), { columns: COLUMNS, rows: ROWS });
writeFileSync(join(root, 'docs', 'drill.svg'), picture);
console.log(`docs/drill.svg: ${frames.length} screens, ${Math.round(picture.length / 1024)} KB`);

/** Keeps the screen where it has changed, and presses the next key of a question that has stood long enough. */
function look() {
  const lines = screen();
  const now = Date.now();
  if (JSON.stringify(lines) !== JSON.stringify(frames.at(-1)?.lines)) frames.push({ lines, at: now });
  const text = lines.map((line) => line.map((run) => run.text).join('')).join('\n');
  // Its clocks go on while it stands.
  const question = text.slice(text.lastIndexOf('────')).replaceAll(/\d+:\d\d|forecast .*/g, '');
  const next = nextKey(question);
  if (next === undefined || question !== asked) {
    asked = question;
    askedAt = now;
  } else if (now - askedAt >= next.after) {
    child.stdin.write(next.key);
    askedAt = now;
  }
}

/** A name is typed as by hand: what comes at once is taken for something pasted, and its Enter for a part of that. */
function nextKey(question) {
  const [, name, typed] = /Type (\S+) to go ahead:?\n> ?(\S*)/.exec(question) ?? [];
  if (name !== undefined) {
    if (typed === name) return { key: '\r', after: READING_MS / 2 };
    return { key: name[typed.length], after: typed === '' ? READING_MS : TYPING_MS };
  }
  const [, point] = /(\d) \[ \]/.exec(question) ?? [];
  if (point !== undefined) return { key: point, after: READING_MS };
  if (/Is it done\?/.test(question)) return { key: 'd', after: READING_MS / 2 };
  if (/\(Enter: /.test(question)) return { key: '\r', after: READING_MS };
  if (!/press a key/.test(question)) return undefined;
  const key = /How much is damaged\?/.test(question) ? '2' : (/▸ (\S)/.exec(question)?.[1] ?? '\r');
  return { key, after: READING_MS };
}

/** The rows of the terminal from one on, the newest screen without it, each as runs of one style. */
function screen(from = terminal.buffer.active.baseY) {
  return Array.from({ length: ROWS }, (_, row) => {
    const line = terminal.buffer.active.getLine(from + row);
    const runs = [];
    for (let column = 0; column < COLUMNS; column += 1) {
      const cell = line?.getCell(column);
      if (cell === undefined || cell.getWidth() === 0) continue;
      const text = cell.getChars() || ' ';
      const style = styleOf(cell);
      if (runs.at(-1)?.style === style) runs.at(-1).text += text;
      else runs.push({ text, style });
    }
    const last = runs.at(-1);
    if (last !== undefined && last.style === '') last.text = last.text.trimEnd();
    return runs.filter(({ text }) => text !== '');
  });
}

/** Where the report begins that is printed at the end. */
function verdictRow() {
  const { active } = terminal.buffer;
  const rows = Array.from({ length: active.length }, (_, row) => active.getLine(row).translateToString(true));
  const row = rows.findLastIndex((text) => /^  RTO +\d/.test(text));
  if (row < 0) throw new Error('no report was printed; the picture was left as it was');
  return row - 3;
}

function styleOf(cell) {
  return [
    cell.isFgPalette() ? `c${cell.getFgColor()}` : '',
    cell.isBold() ? 'b' : '',
    cell.isDim() ? 'd' : '',
    cell.isInverse() ? 'i' : '',
  ]
    .filter((name) => name !== '')
    .join(' ');
}

/** How long each screen is shown: as long as it was, within bounds. What was shown too shortly is left out. */
function timed(all) {
  const shown = [];
  let scene = '';
  let left = 0;
  for (const [index, { lines, at }] of all.entries()) {
    const next = all[index + 1];
    if (next === undefined) return [...shown, { lines, ms: END_MS }];
    if (sceneOf(lines) !== scene) left = SCENE_MS;
    scene = sceneOf(lines);
    const ms = Math.min(next.at - at, left);
    if (ms < SHORTEST_MS) continue;
    left -= ms;
    shown.push({ lines, ms });
  }
  return shown;
}

/** A screen without its clocks and what turns. */
function sceneOf(lines) {
  const rows = lines.map((runs) => runs.map(({ text }) => text).join(''));
  return rows.join('\n').replace(/[\u2800-\u28ff]|\d+:\d+|[\d.]+m?s/gu, '');
}
