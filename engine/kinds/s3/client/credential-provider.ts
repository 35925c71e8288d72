import type { fromIni } from '@aws-sdk/credential-providers';
import { readJson } from '../../../base/json-text.ts';
import type { ValueMap } from '../../../base/value.ts';
import { isValueMap } from '../../../base/value.ts';
import type { Handle } from '../../../model/handle.ts';
import type { StepContext } from '../../../model/kind.ts';
import { StepError } from '../../../model/kind.ts';
import type { BucketAccess } from './access.ts';
import type { CredentialSource } from './credentials.ts';
import { credentialWords } from './credentials.ts';

export type CredentialContext = Pick<StepContext, 'secrets' | 'signal'>;

/** Without a word of whoever gives credentials. */
const STS_SILENCE_MS = 30_000;

/** Is told the region of the client that asks. */
type Provider = ReturnType<typeof fromIni>;
type Identity = Awaited<ReturnType<Provider>>;
type Access = Pick<BucketAccess, 'credentials' | 'region' | 'endpoint'>;

/**
 * Gives credentials whenever they are asked for; the SDK keeps them until shortly before they expire. All is read by
 * AWS's own providers but for what only the environment file knows. Throws `StepError` where there are none.
 */
export function credentialProvider(access: Access, context: CredentialContext): Provider {
  let provider: Promise<Provider> | undefined;
  return async (asker) => {
    try {
      provider ??= providerOf(access, context);
      const give = await provider;
      return await give(asker);
    } catch (cause) {
      context.signal.throwIfAborted();
      if (cause instanceof StepError) throw cause;
      throw unusable(access, cause);
    }
  };
}

async function providerOf(access: Access, context: CredentialContext): Promise<Provider> {
  const { source, role } = access.credentials;
  const base = concealing(await sourceProvider(source, access, context), context);
  if (role === undefined) return base;
  const { fromTemporaryCredentials } = await import('@aws-sdk/credential-providers');
  const { roleArn, externalId, sessionName = 'drillbook', mfa } = role;
  const assumed = fromTemporaryCredentials({
    masterCredentials: base,
    params: {
      RoleArn: roleArn,
      RoleSessionName: sessionName,
      ...(externalId !== undefined && { ExternalId: externalId }),
      ...(mfa !== undefined && { SerialNumber: mfa.serial }),
    },
    ...(mfa !== undefined && { mfaCodeProvider: () => reveal(mfa.code, context) }),
    clientConfig: { ...stsConfig(access), requestHandler: await handler() },
  });
  return concealing(assumed, context);
}

/** What a profile, a program or STS gives is secret too, but for the id of the key, which opens nothing. */
const concealing =
  (provider: Provider, { secrets }: CredentialContext): Provider =>
  async (asker) => {
    const given = await provider(asker);
    secrets.conceal(given.secretAccessKey);
    if (given.sessionToken !== undefined) secrets.conceal(given.sessionToken);
    return given;
  };

/** Those who are asked for credentials (STS, SSO) are reached as S3 is. */
async function handler() {
  const { AwsHandler } = await import('./wire.ts');
  return new AwsHandler(STS_SILENCE_MS);
}

async function sourceProvider(
  source: CredentialSource,
  access: Access,
  context: CredentialContext,
): Promise<Provider> {
  if (source.from === 'keys') return () => revealKeys(source, context);
  if (source.from === 'command') return () => credentialsOfCommand(source.command, context);
  const { fromIni, fromNodeProviderChain, fromTokenFile } = await import('@aws-sdk/credential-providers');
  const requestHandler = await handler();
  switch (source.from) {
    case 'profile':
      return fromIni({ profile: source.profile, ignoreCache: true, clientConfig: { requestHandler } });
    case 'webIdentity':
      return fromTokenFile({
        webIdentityTokenFile: source.tokenFile,
        roleArn: source.roleArn,
        roleSessionName: source.sessionName ?? 'drillbook',
        clientConfig: { ...stsConfig(access), requestHandler },
      });
    case 'chain':
      return fromNodeProviderChain({ ignoreCache: true, clientConfig: { requestHandler } });
  }
}

/** Services other than AWS answer to STS where they answer to S3. */
export const stsConfig = ({ region, endpoint }: Pick<Access, 'region' | 'endpoint'>) => ({
  region,
  ...(endpoint !== undefined && { endpoint }),
});

async function revealKeys(
  keys: Extract<CredentialSource, { from: 'keys' }>,
  context: CredentialContext,
): Promise<Identity> {
  const [accessKeyId, secretAccessKey] = await Promise.all([
    // An id names a key, as error messages and audit logs do; it opens nothing.
    reveal(keys.accessKeyId, context, { mayBeShown: true }),
    reveal(keys.secretAccessKey, context),
  ]);
  const { sessionToken } = keys;
  const token = sessionToken === undefined ? '' : await revealIfThere(sessionToken, context);
  return { accessKeyId, secretAccessKey, ...(token !== '' && { sessionToken: token }) };
}

const reveal = async (
  handle: Handle,
  { secrets, signal }: CredentialContext,
  options: { readonly mayBeShown: boolean } = { mayBeShown: false },
): Promise<string> => (await secrets.reveal(handle, signal, options)).reveal();

/** The same entry serves a person with temporary keys and a machine with lasting ones. */
async function revealIfThere(handle: Handle, context: CredentialContext): Promise<string> {
  try {
    return await reveal(handle, context);
  } catch (error) {
    if (error instanceof StepError && error.code === 'secretMissing') return '';
    throw error;
  }
}

const COMMAND_TIMEOUT_MS = 60_000;

/** What `credential_process` of the AWS CLI calls. https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html */
async function credentialsOfCommand(
  [program = '', ...args]: readonly string[],
  { signal }: CredentialContext,
): Promise<Identity> {
  const { execa } = await import('execa');
  const { stdout } = await execa(program, args, {
    stdin: 'ignore',
    cancelSignal: signal,
    timeout: COMMAND_TIMEOUT_MS,
  });
  const given = parse(stdout);
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration, AccountId } = given;
  const expiration = typeof Expiration === 'string' ? new Date(Expiration) : undefined;
  if (given['Version'] !== 1 || typeof AccessKeyId !== 'string' || typeof SecretAccessKey !== 'string') {
    throw new Error(
      `${program} printed no credentials: one JSON object with "Version": 1, "AccessKeyId" and "SecretAccessKey"`,
    );
  }
  if (expiration !== undefined && !(expiration.getTime() > Date.now())) {
    throw new Error(`${program} printed credentials that have expired`);
  }
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    ...(typeof SessionToken === 'string' && { sessionToken: SessionToken }),
    ...(expiration !== undefined && { expiration }),
    ...(typeof AccountId === 'string' && { accountId: AccountId }),
  };
}

/** Never with a word of it: what is no JSON may be a secret all the same. */
function parse(text: string): ValueMap {
  try {
    const value = readJson(text);
    return isValueMap(value) ? value : {};
  } catch {
    return {};
  }
}

function unusable({ credentials }: Access, cause: unknown): StepError {
  const why = cause instanceof Error ? firstLine(cause.message) : String(cause);
  return new StepError(`${credentialWords(credentials)} gave no credentials for AWS: ${why}`, {
    code: 'noCredentials',
    hint: HINTS[credentials.role === undefined ? credentials.source.from : 'role'],
    cause,
  });
}

const firstLine = (text: string): string => text.split('\n')[0] ?? '';

const HINTS: Readonly<Record<CredentialSource['from'] | 'role', string>> = {
  keys: 'Check what the section "aws" of the environment names.',
  profile:
    'Look at it in ~/.aws/config and ~/.aws/credentials; one of SSO wants "aws sso login --profile NAME" first.',
  command: 'Run it by hand: it prints one JSON object, as for credential_process of the AWS CLI.',
  webIdentity: 'Check the file of the token, which the CI system writes, and the trust policy of the role.',
  chain: 'Nothing was found in variables, ~/.aws, SSO, container or instance. Log in, or name the profile.',
  role: 'Check the trust policy of the role, its external id, and the code of the MFA device, which can be used once.',
};
