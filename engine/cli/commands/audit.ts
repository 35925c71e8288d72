import { Instant } from '../../base/instant.ts';
import type { JsonObject } from '../../base/json.ts';
import type { LinePlace, RegisterVerification, Store, Verification } from '../../journal/store.ts';
import { kindSchema } from '../../load/stepschema.ts';
import { signaturesIn } from '../../measure/signatures.ts';
import { operationsOf } from '../../measure/operations.ts';
import type { Operation } from '../../measure/operations.ts';
import { auditCsv, auditJson, auditText } from '../../report/audit-log.ts';
import { defined } from '../../report/output.ts';
import { CommandError, EXIT } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import { eventsOf } from '../run/choose.ts';
import { makeGood } from '../run/make-good.ts';
import { adviseNoting } from '../run/head-advice.ts';
import { openStore, tellUnreadable } from '../run/store.ts';
import { print, printError, printFile, printJson, listWidth, style } from '../terminal.ts';

export interface AuditOptions {
  readonly store?: string;
  readonly format: 'text' | 'csv' | 'json';
  readonly verify?: boolean;
  readonly head?: string;
  readonly since?: string;
  readonly playbook?: string;
  readonly env?: string;
}

/** `drillbook audit`: every operation, oldest first; with `--verify` the proof that none was altered or removed. */
export async function audit(options: AuditOptions): Promise<ExitCode> {
  const store = await openStore(options.store);
  const noted = notedHead(options);
  await makeGood(store);
  const { operations, unreadable } = await readLog(store, filterOf(options));
  const proof = options.verify === true ? await verifyAll(store, noted) : undefined;
  printLog(operations, proof, options.format);
  if (proof !== undefined && options.format !== 'json') tellProof(proof, options.format);
  if (proof !== undefined) return proof.ok ? EXIT.done : EXIT.store;
  unreadable.forEach(tellUnreadable);
  return unreadable.length === 0 ? EXIT.done : EXIT.store;
}

async function readLog(store: Store, fits: (operation: Operation) => boolean) {
  const operations: Operation[] = [];
  const unreadable: string[] = [];
  for (const run of (await store.list()).toReversed()) {
    const writing = (await store.writer(run)) !== undefined;
    const events = await eventsOf(store, run);
    if (events === undefined) unreadable.push(run);
    else {
      const kind = (name: string) => kindSchema('steps', name)?.operation;
      operations.push(...operationsOf(events, { writing, kind }).filter(fits));
    }
  }
  return { operations: operations.sort((a, b) => a.at - b.at), unreadable };
}

function filterOf({ since, playbook, env }: AuditOptions): (operation: Operation) => boolean {
  const from = since === undefined ? undefined : momentOf(since);
  return (operation) =>
    (from === undefined || operation.at >= from.epochMicros) &&
    (playbook === undefined || operation.playbook === playbook) &&
    (env === undefined || operation.environment === env);
}

function momentOf(text: string): Instant {
  const moment = Instant.parse(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text);
  if (moment !== undefined) return moment;
  throw new CommandError(`--since ${text} is no date`, {
    exitCode: EXIT.invalid,
    hint: 'Write 2026-01-31, or a time with its offset: 2026-01-31T12:00:00Z.',
  });
}

/** The hash that was noted, as it is printed: with `sha256:` or without. */
function notedHead({ head, verify }: AuditOptions): string | undefined {
  if (head === undefined) return undefined;
  const [, hash] = /^(?:sha256:)?([0-9a-f]{64})$/i.exec(head) ?? [];
  if (hash !== undefined && verify === true) return hash.toLowerCase();
  throw new CommandError(verify === true ? `--head ${head} is no hash` : '--head goes with --verify', {
    exitCode: EXIT.invalid,
    hint: 'Write audit --verify --head and the 64 digits that a run, a report or audit --verify printed.',
  });
}

interface Proof {
  readonly ok: boolean;
  readonly runs: readonly Verification[];
  readonly register: RegisterVerification;
  /** Signatures that fit what they stand beside. */
  readonly signatures: number;
  /** The hash that was noted elsewhere, and where it stands; nowhere in a store that is not the one it was noted of. */
  readonly noted?: { readonly hash: string; readonly place?: LinePlace };
}

async function verifyAll(store: Store, hash: string | undefined): Promise<Proof> {
  const runs: Verification[] = [];
  let signatures = 0;
  for (const run of (await store.list()).toReversed()) {
    const signed = await signedIn(store, await store.verify(run));
    runs.push(signed.verification);
    signatures += signed.good;
  }
  const register = await store.verifyRegister();
  const ok = register.ok && runs.every((run) => run.ok);
  if (hash === undefined) return { ok, runs, register, signatures };
  const place = await store.find(hash);
  return {
    ok: ok && place !== undefined,
    runs,
    register,
    signatures,
    noted: { hash, ...(place && { place }) },
  };
}

/** A run is as it was written; are its signatures those of what it says? */
async function signedIn(store: Store, verification: Verification) {
  if (!verification.ok) return { verification, good: 0 };
  const { good, bad } = signaturesIn(verification.run, (await eventsOf(store, verification.run)) ?? []);
  const [first] = bad;
  return {
    good,
    verification:
      first === undefined
        ? verification
        : { ...verification, ok: false, problem: { line: first.seq, message: first.message } },
  };
}

function printLog(
  operations: readonly Operation[],
  proof: Proof | undefined,
  format: AuditOptions['format'],
): void {
  switch (format) {
    case 'json':
      printJson(auditJson(operations, proof && proofJson(proof)), 2);
      return;
    case 'csv':
      printFile(auditCsv(operations));
      return;
    case 'text':
      print(operations.length === 0 ? 'No operations.' : auditText(operations, listWidth()));
  }
}

const proofJson = ({ ok, runs, register, noted }: Proof): JsonObject =>
  defined({
    ok,
    runs: runs.map(({ problem, struck, ...run }) =>
      defined({ ...run, struck: [...struck], problem: problem && { ...problem } }),
    ),
    register: { ...register, problems: register.problems.map((problem) => ({ ...problem })) },
    noted: noted && defined({ hash: noted.hash, place: noted.place && { ...noted.place } }),
  });

/** Beside a log for a spreadsheet the proof goes to standard error. */
function tellProof({ ok, runs, register, signatures, noted }: Proof, format: 'text' | 'csv'): void {
  const say = format === 'csv' ? printError : print;
  if (format === 'text') say('');
  for (const { run, problem } of runs) {
    if (problem !== undefined)
      say(style.red(`ALTERED   run ${run}, line ${problem.line}: ${problem.message}`));
  }
  if (register.problem !== undefined) say(style.red(`ALTERED   the register of runs, ${register.problem}`));
  for (const { run, message } of register.problems) say(style.red(`ALTERED   run ${run}: ${message}`));
  const sealed = runs.filter((run) => run.sealed).length;
  const struck = runs.filter((run) => run.struck.length > 0);
  for (const run of struck) say(`struck out   run ${run.run}: the payload of event ${run.struck.join(', ')}`);
  const counted = `${runs.length} ${runs.length === 1 ? 'run' : 'runs'}, ${sealed} sealed`;
  if (!register.kept)
    say(`There is no register of runs yet: that none was removed is not proven. The next run begins one.`);
  else say(`register  ${register.runs} entered, head sha256:${register.head}`);
  if (register.removed > 0)
    say(
      `          ${register.removed} of them removed on purpose, each entered with the hash of its last line`,
    );
  if (register.found > 0)
    say(
      `          ${register.found} of them found when it was begun: that no other was removed before is not proven`,
    );
  if (signatures > 0) say(`signed    ${signatures} answers of people, each as it was signed`);
  if (noted !== undefined) say(heldAgainst(noted));
  else if (register.kept) adviseNoting('          ', say);
  say(ok ? style.green(`unaltered ${counted}`) : style.red(`ALTERED   see above; ${counted}`));
}

function heldAgainst({ hash, place }: NonNullable<Proof['noted']>): string {
  if (place === undefined)
    return style.red(
      `ALTERED   nothing here has the head sha256:${hash}: the store was written anew or cut back since it was noted`,
    );
  const { run, line, of } = place;
  const where =
    run === undefined ? `entry ${line} of ${of} of the register` : `event ${line} of ${of} of run ${run}`;
  return style.green(`as noted  sha256:${hash} is ${where}: up to there all is as it was then`);
}
