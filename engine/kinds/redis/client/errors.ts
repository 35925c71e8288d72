import { StepError } from '../../../model/kind.ts';

/** Why there is no connection. */
export function connectError(cause: unknown, host: string): StepError {
  const { code, message } = partsOf(cause);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return failed(
      'dns',
      `the host name of ${host} cannot be resolved`,
      cause,
      'Check the address, and the DNS of this machine.',
    );
  }
  if (/timeout/i.test(message) || code === 'ETIMEDOUT')
    return failed(
      'timeout',
      `${host} does not answer`,
      cause,
      'Is the scheme of the address right? rediss: is for TLS, redis: is without.',
    );
  if (/CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO|EPROTO/.test(code)) {
    return failed(
      'tls',
      `no secure connection to ${host}: ${message}`,
      cause,
      'Check the certificate, and that the server takes TLS: redis: is without.',
    );
  }
  if (/^(?:WRONGPASS|NOAUTH|ERR AUTH)/.test(message)) {
    return failed(
      'auth',
      `${host} does not accept the user and the password`,
      cause,
      'Check the secret that holds the address.',
    );
  }
  if (/^[A-Z]{2,} /.test(message)) return serverError(cause, host);
  return failed('unreachable', `${host} cannot be reached: ${message}`, cause);
}

/** Why a command was not done: with the word that Redis begins its errors with. */
export function serverError(cause: unknown, host: string): StepError {
  const { message } = partsOf(cause);
  const word = /^([A-Z]{2,}) /.exec(message)?.[1];
  if (word === undefined) {
    const code = /timeout/i.test(message) ? 'timeout' : 'unreachable';
    return new StepError(`the connection to ${host} broke: ${message}`, {
      code,
      changed: 'maybe',
      retryable: true,
      cause,
    });
  }
  if (word === 'NOAUTH') return failed('auth', `${host} wants a password`, cause, 'Add it to the address.');
  return new StepError(`${host} refuses: ${message}`, {
    code: word,
    retryable: ['LOADING', 'BUSY', 'TRYAGAIN', 'MASTERDOWN'].includes(word),
    ...(HINTS[word] !== undefined && { hint: HINTS[word] }),
    cause,
  });
}

const HINTS: Readonly<Record<string, string>> = {
  NOPERM: 'The account of the address may not do this: give it one that may.',
  READONLY: 'It is a replica: name its primary.',
  LOADING: 'It has just been started and reads its data: try again in a while.',
  CROSSSLOT: 'It is a cluster, in which a list cannot be set aside: purge it by hand.',
};

const RETRYABLE: ReadonlySet<string> = new Set(['dns', 'timeout', 'unreachable']);

const failed = (code: string, message: string, cause: unknown, hint?: string): StepError =>
  new StepError(message, {
    code,
    retryable: RETRYABLE.has(code),
    cause,
    ...(hint !== undefined && { hint }),
  });

function partsOf(cause: unknown): { readonly code: string; readonly message: string } {
  const error = cause instanceof AggregateError ? (cause.errors[0] as unknown) : cause;
  if (!(error instanceof Error)) return { code: '', message: String(error) };
  const code = 'code' in error ? String(error.code) : '';
  return { code, message: error.message };
}
