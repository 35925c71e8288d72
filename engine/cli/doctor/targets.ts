import type { ValueMap } from '../../base/value.ts';
import { isAddressAlone, nameOf } from '../../kinds/context/target.ts';
import { createStepTable } from '../../kinds/index.ts';
import { findClientTools } from '../../kinds/postgres/client/client-tools.ts';
import { readArgs } from '../../load/read-args.ts';
import { validateArgs } from '../../load/stepschema.ts';
import type { Environment, Identity, TargetUse } from '../../model/environment.ts';
import { TARGET_GROUPS } from '../../model/environment.ts';
import type { SecretResolver } from '../../model/handle.ts';
import type { Effect } from '../../model/playbook.ts';
import type { Finding } from './finding.ts';
import { explained, PATIENCE_MS } from './finding.ts';

/** All that the environment names, which its playbooks may change. */
export const ownTargets = ({ data }: Environment): readonly TargetUse[] => targetsIn(data, '', 'write');

/** What stands in the groups of an environment's data, or of what it has of another. */
export const targetsIn = (groups: ValueMap, before: string, effect: Effect): readonly TargetUse[] =>
  TARGET_GROUPS.flatMap((group) =>
    Object.entries((groups[group] ?? {}) as ValueMap).map(([name, target]): TargetUse => ({
      group,
      path: `${before}${group}.${name}`,
      target: target as ValueMap,
      effect,
    })),
  );

/** Who each of them is, held against its fingerprint, and as whom it is asked. */
export async function targetFindings(
  uses: readonly TargetUse[],
  environment: Environment,
  secrets: SecretResolver,
): Promise<readonly Finding[]> {
  const table = createStepTable({ validateArgs, readArgs });
  const findings = await Promise.all(
    uses.map(async (use): Promise<readonly Finding[]> => {
      const what = use.path ?? use.group;
      if (use.group === 'services' && isAddressAlone(use.target)) {
        return [{ what, verdict: 'ok', detail: `known by its address alone: ${nameOf(use.target)}` }];
      }
      const identity = await table.identify(use, environment, secrets, AbortSignal.timeout(PATIENCE_MS));
      const { version, 'connected as': role } = identity.facts;
      return [
        identityFinding(what, identity),
        ...(role === undefined ? [] : [roleFinding(what, role)]),
        ...(use.group === 'databases' && version !== undefined ? [await clientTools(what, version)] : []),
      ];
    }),
  );
  return findings.flat();
}

/** Read-only transactions do not hold what such a role may do. */
const roleFinding = (what: string, role: string): Finding => ({
  what,
  verdict: 'warning',
  detail: `the connection is that of ${role}, so that a query may act outside of its transaction`,
  hint: 'Give drillbook a role that may do no more than its steps need: docs/steps/sql.query.md says why.',
});

function identityFinding(what: string, { verdict, facts, fingerprint, reason }: Identity): Finding {
  const print = Object.entries(fingerprint ?? {}).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  const hints = [
    ...(reason === undefined ? [] : [reason]),
    ...(print.length === 0 || verdict === 'match'
      ? []
      : [`If it is the right one: fingerprint: { ${print.join(', ')} }`]),
  ];
  const shown = Object.entries(facts).map(([name, fact]) => `${name} ${fact}`);
  return {
    what,
    verdict: verdict === 'match' ? 'ok' : verdict === 'absent' ? 'warning' : 'problem',
    detail: [verdict, ...shown].join(', '),
    ...(hints.length > 0 && { hint: hints.join('. ') }),
  };
}

/** Only dumps, restores and exports need them, so that their absence is a warning. */
export async function clientTools(what: string, serverVersion: string): Promise<Finding> {
  const finding = { what: `PostgreSQL client tools for ${what}` };
  try {
    const { version, folder } = await findClientTools(Number.parseInt(serverVersion, 10), what);
    return { ...finding, verdict: 'ok', detail: `${version} (${folder})` };
  } catch (error) {
    return { ...finding, verdict: 'warning', ...explained(error) };
  }
}
