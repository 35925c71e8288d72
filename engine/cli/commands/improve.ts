import { chmodSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { improve } from '../../load/improve.ts';
import type { Improvement } from '../../load/improve.ts';
import { theseKinds } from '../../load/own-kinds.ts';
import type { OwnKinds } from '../../load/own-kinds.ts';
import { readSource } from '../../load/read-source.ts';
import type { Library } from '../../load/library.ts';
import { loadPlaybook } from '../../load/playbook.ts';
import { recordRun } from '../../measure/record.ts';
import { summarize } from '../../measure/summary.ts';
import { timeClasses } from '../../measure/time.ts';
import { isPlaybook } from '../../model/event.ts';
import type { SourceText } from '../../model/event.ts';
import type { Playbook } from '../../model/playbook.ts';
import { proposalsOf, proposalText } from '../../report/proposals.ts';
import { SourceFile } from '../../source/file.ts';
import { CommandError, EXIT } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import { invocation } from '../invocation.ts';
import { expectLoaded, printDiagnostics } from '../loading.ts';
import { recordedKinds } from '../own-kinds.ts';
import { shownPath } from '../paths.ts';
import { patchOf } from '../patches.ts';
import { newestRun } from '../run/choose.ts';
import { openStore } from '../run/store.ts';
import { print, say, style } from '../terminal.ts';

export interface ImproveOptions {
  readonly store?: string;
  readonly apply?: boolean;
}

/** `drillbook improve [RUN]`: what a run says should change in its playbook, as a diff; with `--apply`, in the file. */
export async function improvePlaybook(run: string | undefined, options: ImproveOptions): Promise<ExitCode> {
  const store = await openStore(options.store);
  const name = run ?? (await newestRun(store));
  const events = await store.read(name);
  const record = recordRun(events);
  const proposals = proposalsOf(record, timeClasses(events), summarize(events, { writing: false }));
  const sources = (record.started?.sources ?? []).filter(isPlaybook);
  if (proposals.length === 0 || sources.length === 0) {
    say(`Run ${name} proposes no change of its playbook.`);
    return EXIT.done;
  }
  const kinds = theseKinds(await recordedKinds(record.started?.ownKinds ?? []));
  const then = await loadFiles(
    sources.map(({ path, text }) => new SourceFile(path, text)),
    kinds,
  );
  const filesToday = await filesNow(sources);
  const { files, diagnostics } = improve(proposals, then, await loadFiles(filesToday, kinds));
  if (diagnostics.length > 0) {
    printDiagnostics(diagnostics);
    throw new CommandError('the playbook is not what the run saw; nothing was changed', {
      exitCode: EXIT.invalid,
    });
  }
  if (files.length === 0) {
    say(`All that run ${name} proposes is in the playbook already.`);
    return EXIT.done;
  }
  for (const proposal of proposals) say(`· ${proposalText(proposal)}`, 2);
  print('');
  await printDiffs(files);
  await loadFiles(
    filesToday.map((file) => changed(file, files)),
    kinds,
  );
  if (options.apply !== true) {
    say(`Nothing was changed. ${invocation(`improve ${name} --apply`)} makes these changes.`);
    return EXIT.done;
  }
  for (const { file, text } of files) {
    await replaceFile(file, text);
    print(`${style.green('changed')}  ${shownPath(file.path)}`);
  }
  return EXIT.done;
}

/** The playbook, the first of the files; the others are those that it calls. */
async function loadFiles(files: readonly SourceFile[], ownKinds: OwnKinds): Promise<Playbook> {
  const [file, ...called] = files;
  if (file === undefined) throw new Error('a run without a playbook');
  const byId = new Map(called.map((each) => [idOf(each), each]));
  const library: Library = {
    find: (id) => Promise.resolve(byId.get(id)),
    ids: () => Promise.resolve([...byId.keys()]),
    ownKinds,
  };
  return expectLoaded(await loadPlaybook(file, library), file);
}

const idOf = (file: SourceFile): string => /([^/\\]+)\.ya?ml$/.exec(file.path)?.[1] ?? file.path;

/** The files that the run was started from, as they are now. */
async function filesNow(sources: readonly SourceText[]): Promise<readonly SourceFile[]> {
  const files: SourceFile[] = [];
  for (const { path } of sources) {
    if (/[\\/]node_modules[\\/]/.test(`/${path}`)) {
      throw new CommandError(
        `${path} is part of an installed package: what is changed there is lost with its next version`,
        {
          exitCode: EXIT.invalid,
          hint: `${invocation('new ID --from EXAMPLE')} takes it over into your own playbooks. Drill it there, and improve that.`,
        },
      );
    }
    const file = await readSource(path);
    if (!file.ok) {
      printDiagnostics([file.error]);
      throw new CommandError('a file of the run is not there; nothing was changed', {
        exitCode: EXIT.invalid,
        hint: 'Paths count from the folder in which the run was started.',
      });
    }
    files.push(file.value);
  }
  return files;
}

/** A file as it is going to be: what cannot be loaded is never written. */
function changed(file: SourceFile, files: readonly Improvement[]): SourceFile {
  const text = files.find((each) => each.file === file)?.text;
  return text === undefined ? file : new SourceFile(file.path, text);
}

async function printDiffs(files: readonly Improvement[]): Promise<void> {
  for (const file of files) print((await patchOf(file)).split('\n').map(painted).join('\n'));
}

function painted(line: string): string {
  if (/^(---|\+\+\+)/.test(line)) return style.bold(line);
  if (line.startsWith('+')) return style.green(line);
  return line.startsWith('-') ? style.red(line) : line;
}

/** At once: whoever reads the file, or loses power, finds the old text or the new one. */
async function replaceFile(file: SourceFile, text: string): Promise<void> {
  const path = realpathSync(file.path);
  const now = await readSource(path);
  if (!now.ok || now.value.text !== file.text) {
    throw new CommandError(`${shownPath(file.path)} was changed just now; it was left as it is`, {
      exitCode: EXIT.invalid,
    });
  }
  const draft = `${path}.${String(process.pid)}.draft`;
  try {
    writeFileSync(draft, text, { flag: 'wx', flush: true });
    chmodSync(draft, statSync(path).mode);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}
