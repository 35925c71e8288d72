import type { Store } from '../../journal/store.ts';
import type { Backup } from '../../model/backup.ts';
import type { Proof } from '../../measure/proof.ts';
import { proofsJson, proofsText } from '../../report/proofs.ts';
import { proofsPage } from '../../report/proofs-page.ts';
import { systemClock } from '../clock.ts';
import { EXIT } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import { findBackups } from '../prove/backups.ts';
import { lastProof, proveOne } from '../prove/one.ts';
import { proofScreen } from '../prove/screen.ts';
import { invocation } from '../invocation.ts';
import { print, printError, printJson, reportWidth, sayCommand, sayError, style } from '../terminal.ts';
import { openStore } from '../run/store.ts';

export interface ProveCommandOptions {
  readonly playbooks: string;
  readonly store?: string;
  readonly operator?: string;
  readonly reason?: string;
  readonly json?: boolean;
  readonly html?: boolean;
  readonly last?: boolean;
}

/**
 * `drillbook prove [BACKUPS]`: restores each into a copy that is thrown away, and checks it. Exit 1 when one is not
 * proven, 3 when one could not be carried to its end: the others are proven all the same.
 */
export async function prove(names: readonly string[], options: ProveCommandOptions): Promise<ExitCode> {
  const backups = await findBackups(names, options.playbooks);
  const store = await openStore(options.store);
  if (options.last === true) return showLast(backups, store, options);
  const tells = options.json !== true && options.html !== true;
  const proofs: Proof[] = [];
  const remains: string[] = [];
  for (const backup of backups) {
    if (tells) printError(style.dim(`Proving ${backup.title}`));
    const { proof, left } = await proveOne(backup, store, proofScreen(tells), options);
    proofs.push(proof);
    if (left !== undefined) remains.push(left);
    // Whoever pressed Ctrl-C meant all of them.
    if (proof.verdict === 'unfinished' && proof.reason === INTERRUPTED) break;
  }
  show(backups.slice(0, proofs.length), proofs, options);
  for (const folder of remains)
    sayError(`The copy in ${folder} could not be removed: it holds what was restored.`);
  return remains.length > 0 ? EXIT.failed : exitCodeOf(proofs);
}

/** Without proving anything: one that was never proven is named, and counts as not proven. */
async function showLast(
  backups: readonly Backup[],
  store: Store,
  options: ProveCommandOptions,
): Promise<ExitCode> {
  const found = await Promise.all(
    backups.map(async (backup) => ({ backup, proof: await lastProof(backup, store) })),
  );
  show(
    backups,
    found.flatMap(({ proof }) => proof ?? []),
    options,
  );
  const never = found.filter(({ proof }) => proof === undefined);
  for (const { backup } of never)
    sayError(`${backup.name} was never proven: ${invocation(`prove ${backup.name}`)}`);
  const code = exitCodeOf(found.flatMap(({ proof }) => proof ?? []));
  return never.length > 0 && code === EXIT.done ? EXIT.missed : code;
}

function show(
  backups: readonly Backup[],
  proofs: readonly Proof[],
  { json, html }: ProveCommandOptions,
): void {
  if (json === true) {
    printJson(proofsJson(proofs), 2);
    return;
  }
  if (html === true) {
    const shown = backups.map(({ name, title }) => ({
      ...{ name, title },
      proof: proofs.find(({ backup }) => backup === name),
    }));
    print(proofsPage(shown, systemClock.now().epochMicros).trimEnd());
    return;
  }
  print(`\n${proofsText(proofs, { color: style.color, width: reportWidth() })}`);
  const last = proofs.at(-1);
  if (last !== undefined) sayCommand('Evidence:', invocation(`report ${last.run}`));
}

/** What the run of a proof says that was interrupted. */
const INTERRUPTED = 'interrupted';

function exitCodeOf(proofs: readonly Proof[]): ExitCode {
  if (proofs.some(({ reason }) => reason === INTERRUPTED)) return EXIT.interrupted;
  if (proofs.some(({ verdict }) => verdict === 'unfinished')) return EXIT.failed;
  return proofs.every(({ verdict }) => verdict === 'proven') ? EXIT.done : EXIT.missed;
}
