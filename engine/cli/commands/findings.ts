import { isDay } from '../../base/day.ts';
import { table } from '../../base/layout.ts';
import { DONE, NOTED, notedFindings, openFindings } from '../../measure/noted-findings.ts';
import type { NotedFinding } from '../../measure/noted-findings.ts';
import { findingsJson } from '../../report/noted.ts';
import { CommandError, EXIT } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import { invocation } from '../invocation.ts';
import { findingsIn } from '../noted.ts';
import { operatorIn } from '../run/identity.ts';
import { openStore } from '../run/store.ts';
import { listWidth, print, printJson, say } from '../terminal.ts';

export interface FindingsOptions {
  readonly store?: string;
  readonly all?: boolean;
  readonly json?: boolean;
}

/** `drillbook findings [PLAYBOOK]`: what was found in drills and is still to be seen to, the most pressing first. */
export async function findings(playbook: string | undefined, options: FindingsOptions): Promise<ExitCode> {
  const known = await findingsIn(await openStore(options.store));
  const shown = (options.all === true ? known : openFindings(known)).filter(
    (each) => playbook === undefined || each.playbook === playbook,
  );
  if (options.json === true) printJson(findingsJson(shown), 2);
  else if (shown.length === 0)
    say(`Nothing is to be seen to. ${invocation('finding RUN TEXT')} notes what is.`);
  else
    print(
      table([['ID', 'DUE', 'OWNER', 'PLAYBOOK', 'WHAT'], ...shown.map(row)], {
        ...{ width: listWidth(), cut: [3] },
      }).join('\n'),
    );
  return EXIT.done;
}

const row = ({ id, due, owner, playbook, text, done }: NotedFinding): readonly string[] => [
  String(id),
  done === undefined ? due : 'done',
  ...[owner, playbook, text],
];

export interface FindingOptions {
  readonly store?: string;
  readonly owner?: string;
  readonly due?: string;
  readonly done?: string;
  readonly reason?: string;
  readonly operator?: string;
}

/** `drillbook finding RUN TEXT --owner NAME --due DATE` notes one; `drillbook finding --done ID` says that it was seen to. */
export async function finding(
  run: string | undefined,
  text: string | undefined,
  options: FindingOptions,
): Promise<ExitCode> {
  const by = operatorIn(undefined, options.operator);
  return options.done === undefined ? note(run, text, by, options) : settle(options.done, by, options);
}

async function note(
  run: string | undefined,
  text: string | undefined,
  by: string,
  { store: folder, owner = '', due = '' }: FindingOptions,
): Promise<ExitCode> {
  const missing = [
    ...(run === undefined ? ['RUN'] : []),
    ...(text === undefined || text.trim() === '' ? ['TEXT'] : []),
    ...(owner.trim() === '' ? ['--owner NAME'] : []),
    ...(due === '' ? ['--due DATE'] : []),
  ];
  if (run === undefined || text === undefined || missing.length > 0)
    throw invalid(
      `a finding needs ${missing.join(', ')}`,
      'What nobody is to see to, by no day, is seen to by nobody.',
    );
  if (!isDay(due)) throw invalid(`--due ${due} is no day`, 'Write 2026-01-31.');
  const store = await openStore(folder);
  const started = (await store.read(run)).find((event) => event.type === 'run.started');
  if (started === undefined) throw invalid(`run ${run} died before it began`, 'Name another run.');
  const ledger = store.ledger('findings');
  const lock = await ledger.lock('findings');
  try {
    const id = notedFindings(await ledger.read()).length + 1;
    await ledger.append({ type: NOTED, body: { run, playbook: started.playbook, text, owner, due, by } });
    say(`Noted as finding ${String(id)}. The next run of ${started.playbook} begins with it.`);
  } finally {
    await lock.release();
  }
  return EXIT.done;
}

async function settle(id: string, by: string, { store, reason }: FindingOptions): Promise<ExitCode> {
  const ledger = (await openStore(store)).ledger('findings');
  const lock = await ledger.lock('findings');
  try {
    const found = notedFindings(await ledger.read()).find((each) => String(each.id) === id);
    if (found === undefined)
      throw invalid(`there is no finding ${id}`, `${invocation('findings --all')} shows all.`);
    if (found.done !== undefined)
      throw invalid(
        `finding ${id} was done on an earlier day`,
        `${invocation('findings')} shows the others.`,
      );
    await ledger.append({ type: DONE, body: { id: found.id, by, ...(reason !== undefined && { reason }) } });
    say(`Finding ${id} is done: ${found.text}`);
  } finally {
    await lock.release();
  }
  return EXIT.done;
}

const invalid = (message: string, hint: string): CommandError =>
  new CommandError(message, { exitCode: EXIT.invalid, hint });
