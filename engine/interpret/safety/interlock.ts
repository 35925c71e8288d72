import type { EnvironmentKind, Identity, TargetUse } from '../../model/environment.ts';
import { sourceOfPath } from '../../model/environment.ts';
import type { Effect } from '../../model/playbook.ts';
import type { RunMode } from '../../model/kind.ts';
import { changesNothing } from '../life/effect.ts';

/** What the interlock is told of a step that is about to run. Everything it decides follows from this. */
export interface InterlockInput {
  readonly mode: RunMode;
  readonly environment: {
    readonly name: string;
    readonly kind: EnvironmentKind;
    readonly allowScripts: boolean;
  };
  readonly effect: Effect;
  /** A kind that can do anything (shell, http.request, sql.execute). */
  readonly scripted: boolean;
  /** It is said only to read, and nothing holds it to that. */
  readonly believed: boolean;
  readonly targets: readonly {
    readonly use: TargetUse;
    readonly identity: Identity;
    /** A step of this run created it. */
    readonly created: boolean;
  }[];
}

export type InterlockVerdict =
  | { readonly verdict: 'pass' }
  /** Only after a person has seen this. */
  | { readonly verdict: 'gate'; readonly reasons: readonly string[] }
  | { readonly verdict: 'refuse'; readonly reason: string; readonly hint: string };

/**
 * Whether a step may touch its targets (DESIGN, section 4). A drill writes only to targets
 * whose fingerprint matches and to what the run itself created; a target that is another
 * one than expected is refused whoever asks, and so is one of a source, in a recovery too. Steps that change nothing pass; of a script that is said to,
 * the targets are looked at all the same, and a drill believes it only where scripts may write.
 */
export function interlock(input: InterlockInput): InterlockVerdict {
  const { mode, environment, effect } = input;
  const reads = changesNothing(effect);
  const source = input.targets.find(({ use }) => isOfSource(use) && (input.believed || !isRead(use)));
  if (source !== undefined) {
    return refuse(
      `${nameOf(source.use)} is of another environment, which is only read${input.believed ? ', and nothing holds a script to that' : ''}`,
      'What is written to stands in the environment itself.',
    );
  }
  if (reads && !input.scripted) return { verdict: 'pass' };
  if (!reads && mode === 'drill' && environment.kind === 'production') {
    return refuse(
      `a drill never writes to ${environment.name}, which is of kind production`,
      'Drill in the sandbox or in staging.',
    );
  }
  const wrong = input.targets.find(({ identity }) => identity.verdict === 'mismatch');
  if (wrong !== undefined) {
    return refuse(
      `${nameOf(wrong.use)} is not the one that the environment names${because(wrong.identity)}`,
      'Correct the environment, or the fingerprint in it, after finding out which of the two is right.',
    );
  }
  if (mode === 'drill' && (input.believed || (input.scripted && !reads)) && mayNotScript(environment)) {
    return refuse(
      `nothing can be promised about what a script writes${input.believed ? ', though it is said to only read' : ''}, and ${environment.name} does not allow scripts in a drill`,
      'Set policy.allowScripts in the environment, or use a step kind that says what it touches.',
    );
  }
  if (reads) return { verdict: 'pass' };
  return mode === 'drill' ? inDrill(input) : inRecovery(input);
}

const mayNotScript = ({ kind, allowScripts }: InterlockInput['environment']): boolean =>
  kind !== 'sandbox' && !allowScripts;

function inDrill({ targets }: InterlockInput): InterlockVerdict {
  for (const { use, identity, created } of targets) {
    if (created || isRead(use) || identity.verdict === 'match') continue;
    return identity.verdict === 'absent'
      ? refuse(
          `the environment has no fingerprint of ${nameOf(use)} by which it could be recognised${because(identity)}, and a drill writes only to what it can recognise`,
          'drillbook doctor shows the fingerprint to put in.',
        )
      : refuse(
          `${nameOf(use)} could not be asked who it is${because(identity)}`,
          'A drill writes only to what it can recognise.',
        );
  }
  return { verdict: 'pass' };
}

function inRecovery({ targets }: InterlockInput): InterlockVerdict {
  const reasons = targets.flatMap(({ use, identity, created }) => {
    if (created || isRead(use)) return [];
    if (identity.verdict === 'unreachable') {
      return [`${nameOf(use)} could not be asked who it is${because(identity)}.`];
    }
    if (identity.verdict === 'absent') {
      return [
        `The environment has no fingerprint of ${nameOf(use)} by which it could be recognised${because(identity)}.`,
      ];
    }
    return [];
  });
  return reasons.length === 0 ? { verdict: 'pass' } : { verdict: 'gate', reasons };
}

const isOfSource = ({ path = '' }: TargetUse): boolean => sourceOfPath(path) !== undefined;

const isRead = (use: TargetUse): boolean => changesNothing(use.effect);

const refuse = (reason: string, hint: string): InterlockVerdict => ({ verdict: 'refuse', reason, hint });

const because = (identity: Identity): string =>
  identity.reason === undefined ? '' : ` (${identity.reason})`;

/** What people call a target. */
export function nameOf(use: TargetUse): string {
  const name = use.target['name'];
  return use.path ?? (typeof name === 'string' ? name : use.group);
}
