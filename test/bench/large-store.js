// A store of many runs, made of the journals of a few: each with another id and its own day, chained, sealed and
// entered in the register as if it had been carried out then. `node test/bench/large-store.js FOLDER RUNS JOURNAL…`,
// after `npm run build`. Nothing is synced: it is there to be listed.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CHAIN_START, formatLine } from '../../dist/journal/line.js';

const DAY_MICROS = 86_400_000_000;
const FIRST_AT = Date.UTC(2000, 0, 1, 9) * 1000;
const HEAD_LENGTH = 128;

/** Chains lines anew; gives the text, and the head file's where they end. */
function chained(lines) {
  let head = CHAIN_START;
  let text = '';
  for (const line of lines) {
    const next = formatLine(line, head);
    text += next.text;
    head = next.head;
  }
  return { text, head };
}

const headText = (head, sealed) =>
  `${JSON.stringify({ seq: head.seq, hash: head.hash, sealed }).padEnd(HEAD_LENGTH - 1)}\n`;

function readLines(journal) {
  const lines = readFileSync(journal, 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const { at, up, type, body } = JSON.parse(line);
    return { at, up, type, body };
  });
}

/** The run of a day: what it says of its own id and its moments moves with it. */
function onDay(lines, run, day) {
  const shift = FIRST_AT + day * DAY_MICROS - lines[0].at;
  return lines.map(({ at, up, type, body }) => {
    const moved = type === 'run.started' ? { ...body, run } : body;
    const timed = typeof moved.time === 'number' ? { ...moved, time: moved.time + shift } : moved;
    return { at: at + shift, up, type, body: JSON.stringify(timed) };
  });
}

/** Makes the store; the newest run is of the last day. */
export function makeLargeStore(root, runs, journals) {
  const models = journals.map(readLines);
  const register = [];
  for (let day = 0; day < runs; day++) {
    const date = new Date((FIRST_AT + day * DAY_MICROS) / 1000).toISOString().slice(0, 10);
    const run = `${date.replaceAll('-', '')}-0900-made`;
    const lines = onDay(models[day % models.length], run, day);
    const { text, head } = chained(lines);
    const folder = join(root, 'runs', run);
    mkdirSync(join(folder, 'files'), { recursive: true });
    writeFileSync(join(folder, 'journal.jsonl'), text);
    writeFileSync(join(folder, 'journal.head'), headText(head, true));
    const [first, last] = [lines[0].at, lines.at(-1).at];
    register.push({ at: first, up: 0, type: 'run.created', body: JSON.stringify({ run }) });
    register.push({ at: last, up: 0, type: 'run.sealed', body: JSON.stringify({ run, ...head }) });
  }
  const { text, head } = chained(register);
  mkdirSync(join(root, 'ledgers'), { recursive: true });
  writeFileSync(join(root, 'ledgers', 'register.jsonl'), text);
  writeFileSync(join(root, 'ledgers', 'register.head'), headText(head, false));
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [, , root, runs, ...journals] = process.argv;
  makeLargeStore(root, Number(runs), journals);
}
