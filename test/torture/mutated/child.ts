import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readAnswers } from '../../../engine/cli/answers.ts';
import { CommandError } from '../../../engine/cli/exit.ts';
import { loadEnvironment } from '../../../engine/load/environment.ts';
import { folderLibrary } from '../../../engine/load/library.ts';
import { loadPlaybook } from '../../../engine/load/playbook.ts';
import type { Diagnostic } from '../../../engine/source/diagnostic.ts';
import { SourceFile } from '../../../engine/source/file.ts';
import { formatDiagnostic } from '../../../engine/source/frame.ts';
import { Dice } from '../../rig/mutation.ts';
import { mutateText } from './mutate.ts';

// Loads mutated files one after the other, and says of each first that it begins: whoever watches knows
// with which one it stands still. Arguments: the shipped playbooks, a folder for files, seed, first, count.

const [playbooks = '', folder = '', seed = '', first = '', count = ''] = process.argv.slice(2);

const read = (place: string): readonly string[] =>
  readdirSync(join(playbooks, place))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => readFileSync(join(playbooks, place, name), 'utf8'));

const ANSWERS = [
  'corruptedAt: 2026-11-01T03:12:00Z\nscope: database\nstop: go\n"*": go\n',
  'tables: [inspections, users]\nretry#2: { answer: skip, reason: known }\nloss[a]/load: go\nat: { $time: 2026-11-01T03:12:00Z }\n',
];
const PLAYBOOKS = ['', 'procedures', 'checklists'].flatMap(read);
const ENVIRONMENTS = read('environments');
const library = folderLibrary([playbooks]);

const LOADERS = {
  playbook: async (text: string) =>
    (await loadPlaybook(new SourceFile('mutated.yaml', text), library)).diagnostics,
  environment: async (text: string) =>
    (await loadEnvironment(new SourceFile('mutated.yaml', text))).diagnostics,
  answers: async (text: string): Promise<readonly Diagnostic[]> => {
    const path = join(folder, 'answers.yaml');
    writeFileSync(path, text);
    await readAnswers(path).catch((error: unknown) => {
      if (!(error instanceof CommandError)) throw error;
    });
    return [];
  },
};

const SOURCES = { playbook: PLAYBOOKS, environment: ENVIRONMENTS, answers: ANSWERS };

function problemIn(diagnostics: readonly Diagnostic[]): string | undefined {
  if (diagnostics.length > 101) return `${diagnostics.length} diagnostics`;
  for (const diagnostic of diagnostics) {
    const { span, code, message } = diagnostic;
    if (span === undefined) return `${code} has no place: ${message}`;
    if (span.start < 0 || span.end < span.start || span.end > span.file.text.length)
      return `${code} stands nowhere`;
    const shown = formatDiagnostic(diagnostic, { color: false });
    if (shown.length > 20_000) return `${code} is shown with ${shown.length} characters`;
    if (/undefined|\[object |NaN/.test(message) && !/undefined|NaN|object|\.(nan|NAN)\b/.test(span.file.text))
      return `${code}: ${message}`;
  }
  return undefined;
}

const say = (what: object): void => void process.stdout.write(`${JSON.stringify(what)}\n`);

void loadAll();

async function loadAll(): Promise<void> {
  let slowest = 0;
  for (let index = Number(first); index < Number(first) + Number(count); index++) {
    const dice = new Dice(Number(seed), index);
    const kind = dice.pick(['playbook', 'playbook', 'playbook', 'environment', 'answers'] as const);
    const others = SOURCES[kind];
    const text = mutateText(dice.pick(others), dice, others);
    writeFileSync(join(folder, 'now.yaml'), text);
    say({ index, kind });
    const before = process.cpuUsage();
    let problem: string | undefined;
    try {
      problem = problemIn(await LOADERS[kind](text));
    } catch (error) {
      problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
    const { user, system } = process.cpuUsage(before);
    const millis = (user + system) / 1000;
    slowest = Math.max(slowest, millis);
    // Of the processor's time, so that a busy machine makes nothing slow.
    if (millis > 1000) problem ??= `took ${Math.round(millis)} ms`;
    if (problem !== undefined) {
      writeFileSync(join(folder, `problem-${index}.yaml`), text);
      say({ index, kind, problem });
    }
  }
  say({ done: Number(count), slowest: Math.round(slowest) });
}
