import { randomBytes } from 'node:crypto';
import type { Account } from './accounts.ts';
import type { Reply } from './call.ts';
import { S3Error } from './errors.ts';
import type { S3Request } from './request.ts';
import { authenticate, sha256 } from './signature.ts';
import type { State } from './state.ts';
import { element } from './xml.ts';

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';

/** STS has the same port: its requests are forms that are sent to no bucket. */
export const asksSts = ({ method, bucket }: S3Request): boolean => method === 'POST' && bucket === undefined;

/** AssumeRole, AssumeRoleWithWebIdentity and GetCallerIdentity, for the sandbox's accounts and roles. */
export async function answerSts(request: S3Request, state: State): Promise<Reply> {
  const body = await textOf(request);
  const form = new URLSearchParams(body);
  const action = form.get('Action') ?? '';
  try {
    return { status: 200, headers: {}, body: await result(action, form, { request, body, state }) };
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    const told = [element('Type', 'Sender'), element('Code', error.code), element('Message', error.message)];
    return { status: error.status, headers: {}, body: element('ErrorResponse', [element('Error', told)]) };
  }
}

async function result(
  action: string,
  form: URLSearchParams,
  { request, body, state }: { readonly request: S3Request; readonly body: string; readonly state: State },
) {
  const answer = (content: ReturnType<typeof element>[]) =>
    element(`${action}Response`, [element(`${action}Result`, content)], { xmlns: NAMESPACE });
  if (action === 'AssumeRoleWithWebIdentity') {
    if (form.get('WebIdentityToken') !== state.webIdentityToken) throw new S3Error('InvalidToken');
    return answer([credentials(openSession(form, state.accounts[0], state))]);
  }
  // Unlike S3's, these requests do not say what their body hashes to.
  const headers = { ...request.headers, 'x-amz-content-sha256': sha256(body) };
  const { account } = await authenticate({ ...request, headers }, state.accounts, new Date());
  switch (action) {
    case 'GetCallerIdentity':
      return answer([
        element('Arn', account.arn ?? `arn:aws:iam::${account.id}:user/sandbox`),
        element('UserId', account.accessKeyId),
        element('Account', account.id),
      ]);
    case 'AssumeRole':
      checkRole(form, state);
      return answer([credentials(openSession(form, account, state))]);
    default:
      throw new S3Error('NotImplemented');
  }
}

function checkRole(form: URLSearchParams, { roles }: State): void {
  const role = roles.get(form.get('RoleArn') ?? '');
  if (role === undefined || (role.externalId ?? null) !== form.get('ExternalId'))
    throw new S3Error('AccessDenied');
  if ((role.mfaCode ?? null) !== form.get('TokenCode')) throw new S3Error('AccessDenied');
}

interface Session extends Account {
  readonly sessionToken: string;
  readonly expires: Date;
}

function openSession(form: URLSearchParams, account: Account, state: State): Session {
  const role = (form.get('RoleArn') ?? '').split('/').at(-1) ?? '';
  const session: Session = {
    id: account.id,
    accessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
    secretAccessKey: randomBytes(20).toString('base64'),
    sessionToken: randomBytes(60).toString('base64'),
    arn: `arn:aws:sts::${account.id}:assumed-role/${role}/${form.get('RoleSessionName') ?? ''}`,
    expires: new Date(Date.now() + state.sessionMs),
  };
  state.accounts.push(session);
  return session;
}

const credentials = ({ accessKeyId, secretAccessKey, sessionToken, expires }: Session) =>
  element('Credentials', [
    element('AccessKeyId', accessKeyId),
    element('SecretAccessKey', secretAccessKey),
    element('SessionToken', sessionToken),
    element('Expiration', expires.toISOString()),
  ]);

async function textOf({ body }: S3Request): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
