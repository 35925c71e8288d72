import { oneLine } from '../../base/text.ts';
import { findProgram, howToInstall } from '../../base/programs.ts';
import type { ProgramName } from '../../base/programs.ts';
import { isValueMap } from '../../base/value.ts';
import type { Value } from '../../base/value.ts';
import { sharedFingerprints } from '../../load/fingerprints.ts';
import type { Environment } from '../../model/environment.ts';
import { isHandle } from '../../model/handle.ts';
import type { Handle, SecretResolver } from '../../model/handle.ts';
import type { Lack } from '../../model/need.ts';
import { output } from '../../report/output.ts';
import { lookFor } from '../../kinds/context/needs.ts';
import { createSecretResolver } from '../../kinds/environment/secrets.ts';
import { applicationFindings } from '../doctor/application.ts';
import { backupFindings } from '../doctor/backups.ts';
import type { Finding } from '../doctor/finding.ts';
import { explained, PATIENCE_MS } from '../doctor/finding.ts';
import { networkFindings } from '../doctor/network.ts';
import { sourceFindings } from '../doctor/sources.ts';
import { clientTools, ownTargets, targetFindings } from '../doctor/targets.ts';
import { worldFindings } from '../doctor/worlds.ts';
import { EXIT } from '../exit.ts';
import type { ExitCode } from '../exit.ts';
import { environmentsBeside, findEnvironment } from '../loading.ts';
import { databaseAddress } from '../paths.ts';
import { sharedServer, takeStoreOf } from '../run/environment-store.ts';
import { openStore } from '../run/store.ts';
import { printJson, say, style } from '../terminal.ts';

export interface DoctorOptions {
  readonly env: string;
  readonly playbooks: string;
  readonly json?: boolean;
}

/** `drillbook doctor --env E`: reads only; exit 1 when something would stand in the way. */
export async function doctor(options: DoctorOptions): Promise<ExitCode> {
  const findings = [nodeVersion(), ...(await findingsFor(options))];
  if (options.json === true)
    printJson(
      output('doctor', { environment: options.env, findings: findings.map((each) => ({ ...each })) }),
      2,
    );
  else findings.forEach(printFinding);
  return findings.some(({ verdict }) => verdict === 'problem') ? EXIT.missed : EXIT.done;
}

async function findingsFor(options: DoctorOptions): Promise<readonly Finding[]> {
  if (options.env === 'sandbox')
    return [
      ...(await sandboxFindings()),
      ...(await worldFindings(options.playbooks)),
      ...(await backupFindings(options.playbooks)),
    ];
  const environment = await findEnvironment(options.env, options.playbooks);
  const secrets = createSecretResolver(
    () => environment,
    () => undefined,
  );
  return [
    ...(await storeFindings(environment)),
    ...(await sharedFindings(environment)),
    ...(Object.keys(environment.data['hosts'] ?? {}).length > 0
      ? [await programFinding('ssh', 'hosts')]
      : []),
    ...(await secretFindings(environment, secrets)),
    ...(await networkFindings(environment, secrets)),
    ...(await targetFindings(ownTargets(environment), environment, secrets)),
    ...(await sourceFindings(environment, secrets)),
    ...(await applicationFindings(environment)),
  ];
}

async function programFinding(name: ProgramName, forWhat: string): Promise<Finding> {
  const file = await findProgram(name);
  const what = `${name} for ${forWhat}`;
  return file === undefined
    ? {
        what,
        verdict: 'problem',
        detail: 'it is not on this machine',
        hint: `Install it: ${howToInstall(name)}.`,
      }
    : { what, verdict: 'ok', detail: file };
}

/** Whether the store that is shared is there, and outlives what it records. */
async function storeFindings(environment: Environment): Promise<readonly Finding[]> {
  const what = 'store';
  try {
    await takeStoreOf(environment, undefined);
    if (databaseAddress(undefined) === undefined) return [];
    const shared = await sharedServer(environment, undefined);
    if (shared !== undefined)
      return [{ what, verdict: 'problem', detail: `it is on the server of ${shared}, and is lost with it` }];
    const store = await openStore(undefined);
    const mayWrite = await store.mayWrite();
    return [
      mayWrite
        ? { what, verdict: 'ok', detail: store.place }
        : { what, verdict: 'warning', detail: `${store.place}, who may only read it` },
    ];
  } catch (error) {
    return [{ what, verdict: 'problem', ...explained(error) }];
  }
}

/** A target that another environment of another kind takes for its own. */
async function sharedFindings(environment: Environment): Promise<readonly Finding[]> {
  return sharedFingerprints(environment, await environmentsBeside(environment)).map(
    ({ message, hint }): Finding => ({
      what: 'fingerprints',
      verdict: 'problem',
      detail: message,
      ...(hint !== undefined && { hint }),
    }),
  );
}

function nodeVersion(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const fine = major > 20 || (major === 20 && minor >= 19);
  return {
    what: 'Node.js',
    verdict: fine ? 'ok' : 'problem',
    detail: process.versions.node,
    ...(!fine && { hint: 'drillbook needs Node.js 20.19 or later.' }),
  };
}

async function sandboxFindings(): Promise<readonly Finding[]> {
  const what = 'PostgreSQL for the sandbox';
  const { findPostgres } = await import('../../sandbox/postgres/binaries.ts');
  try {
    const { version, source } = await findPostgres();
    const server: Finding = { what, verdict: 'ok', detail: `${version} (${source})` };
    return [server, await clientTools('the sandbox', version)];
  } catch (error) {
    return [{ what, verdict: 'problem', ...explained(error) }];
  }
}

async function secretFindings(
  environment: Environment,
  secrets: SecretResolver,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const [path, handle] of handlesIn(environment.data, '')) {
    const lack =
      (await lookFor({ type: 'secret', handle }, secrets, AbortSignal.timeout(PATIENCE_MS))) ??
      (isPassedOn(path)
        ? undefined
        : await lookFor({ type: 'addressIn', handle }, secrets, AbortSignal.timeout(PATIENCE_MS)));
    findings.push(
      lack === undefined
        ? { what: path, verdict: 'ok', detail: 'the secret can be read' }
        : { what: path, verdict: 'problem', detail: lack.what, ...hintOf(lack) },
    );
  }
  return findings;
}

/** What drillbook itself does not go to: values of playbooks, and what services and the application are given. */
const isPassedOn = (path: string): boolean =>
  /^(?:sources\.[^.]+\.)?(?:values|isolation|application)\./.test(path);

const hintOf = ({ hint }: Lack): { readonly hint?: string } => (hint === undefined ? {} : { hint });

function* handlesIn(value: Value, path: string): Generator<readonly [string, Handle]> {
  if (isHandle(value)) yield [path, value];
  else if (isValueMap(value)) {
    for (const [key, member] of Object.entries(value))
      yield* handlesIn(member, path === '' ? key : `${path}.${key}`);
  }
}

function printFinding({ what, verdict, detail, hint }: Finding): void {
  const word = {
    ok: style.green('ok     '),
    warning: style.yellow('warning'),
    problem: style.red('problem'),
  };
  say(`${word[verdict]}  ${oneLine(`${what}: ${detail}`)}`, 9);
  if (hint !== undefined) say(`         ${oneLine(hint)}`);
}
