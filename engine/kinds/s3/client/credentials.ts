import type { Value, ValueMap } from '../../../base/value.ts';
import { isValueList, isValueMap } from '../../../base/value.ts';
import type { Environment } from '../../../model/environment.ts';
import type { Handle } from '../../../model/handle.ts';
import { isHandle } from '../../../model/handle.ts';
import { StepError } from '../../../model/kind.ts';
import { shownText } from '../../context/reveal.ts';

/** Where credentials come from, as the environment says. */
export type CredentialSource =
  | {
      readonly from: 'keys';
      readonly accessKeyId: Handle;
      readonly secretAccessKey: Handle;
      readonly sessionToken?: Handle;
    }
  | { readonly from: 'profile'; readonly profile: string }
  | { readonly from: 'command'; readonly command: readonly string[] }
  | {
      readonly from: 'webIdentity';
      readonly roleArn: string;
      readonly tokenFile: string;
      readonly sessionName?: string;
    }
  | { readonly from: 'chain' };

/** A role that is assumed with those credentials. */
export interface AssumedRole {
  readonly roleArn: string;
  readonly externalId?: string;
  readonly sessionName?: string;
  readonly mfa?: { readonly serial: string; readonly code: Handle };
}

export interface Credentials {
  readonly source: CredentialSource;
  readonly role?: AssumedRole;
}

/**
 * Reads the section `aws`, with what the bucket's own entry says before it: another source, another role, or a role
 * to assume with the section's source. Throws `StepError` where there is no source, or more than one.
 */
export function credentialsOf(environment: Environment, aws: ValueMap, own: ValueMap): Credentials {
  const ownSources = sourcesOf(own, environment);
  const isOwn = ownSources.length > 0;
  const [source, second] = isOwn ? ownSources : sourcesOf(aws, environment);
  if (source === undefined) throw noCredentials(environment);
  if (second !== undefined) {
    throw new StepError(
      `the environment ${environment.name} says twice as whom AWS is asked: ${source.from} and ${second.from}`,
      {
        code: 'notConfigured',
        hint: `Keep one of them in ${isOwn ? 'the entry of the bucket' : 'its section "aws"'}.`,
      },
    );
  }
  const role = roleOf(own) ?? (isOwn ? undefined : roleOf(aws));
  return { source, ...(role !== undefined && { role }) };
}

function sourcesOf(
  { credentials, profile, command, webIdentity, chain }: ValueMap,
  environment: Environment,
): readonly CredentialSource[] {
  return [
    ...(isValueMap(credentials) ? [keysOf(credentials, environment)] : []),
    ...(typeof profile === 'string' ? [{ from: 'profile', profile } as const] : []),
    ...(isValueList(command) ? [{ from: 'command', command: command.map(String) } as const] : []),
    ...(isValueMap(webIdentity) ? [webIdentityOf(webIdentity)] : []),
    ...(chain === true ? [{ from: 'chain' } as const] : []),
  ];
}

const noCredentials = (environment: Environment): StepError =>
  new StepError(`the environment ${environment.name} has no credentials for S3`, {
    code: 'notConfigured',
    hint: 'Say in its section "aws" as whom it is asked: "profile: NAME", "command: […]", "webIdentity: …", "chain: true", or "credentials: { accessKeyId: { env: … }, secretAccessKey: { env: … } }". What the shell has for the aws command is used only with "chain: true".',
  });

function keysOf(keys: ValueMap, environment: Environment): CredentialSource {
  const { accessKeyId, secretAccessKey, sessionToken } = keys;
  if (!isHandle(accessKeyId) || !isHandle(secretAccessKey)) throw noCredentials(environment);
  return { from: 'keys', accessKeyId, secretAccessKey, ...(isHandle(sessionToken) && { sessionToken }) };
}

const webIdentityOf = (given: ValueMap): CredentialSource => ({
  from: 'webIdentity',
  roleArn: textOf(given['roleArn']),
  tokenFile: textOf(given['tokenFile']),
  ...(typeof given['sessionName'] === 'string' && { sessionName: given['sessionName'] }),
});

function roleOf({ roleArn, externalId, sessionName, mfa }: ValueMap): AssumedRole | undefined {
  if (typeof roleArn !== 'string') return undefined;
  const code = isValueMap(mfa) ? mfa['code'] : undefined;
  return {
    roleArn,
    ...(typeof externalId === 'string' && { externalId }),
    ...(typeof sessionName === 'string' && { sessionName }),
    ...(isValueMap(mfa) && isHandle(code) && { mfa: { serial: textOf(mfa['serial']), code } }),
  };
}

/** The schema of environments demands a text there. */
const textOf = (value: Value | undefined): string => (typeof value === 'string' ? value : '');

/** How a person names them: `$AWS_ACCESS_KEY_ID`, `the profile ops`. */
export function credentialWords({ source, role }: Credentials): string {
  const words = {
    keys: () => (source.from === 'keys' ? `the access key in ${shownText(source.accessKeyId)}` : ''),
    profile: () => (source.from === 'profile' ? `the profile ${source.profile}` : ''),
    command: () => (source.from === 'command' ? `the command ${source.command[0] ?? ''}` : ''),
    webIdentity: () => (source.from === 'webIdentity' ? `the web identity in ${source.tokenFile}` : ''),
    chain: () => 'what this machine has for AWS',
  };
  return role === undefined ? words[source.from]() : `the role ${role.roleArn} by ${words[source.from]()}`;
}
