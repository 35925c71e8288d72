import { humanDuration } from '../../../base/human.ts';
import { StepError } from '../../../model/kind.ts';
import type { BucketAccess } from './access.ts';

/** What is needed to say what went wrong. */
export type BucketPlace = Pick<BucketAccess, 'bucket' | 'region' | 'owner'> & {
  readonly host: string;
  /** As whom it is asked: `the access key in $AWS_ACCESS_KEY_ID`, `the profile ops`. */
  readonly caller: string;
};

/** What S3 answered when it did not do what was asked. */
export interface Refusal {
  readonly status: number;
  /** S3's own code; for an answer without a body one that its status stands for. */
  readonly code: string;
  readonly message: string;
  /** Where the bucket really is, when the answer says so. */
  readonly region?: string;
  /** How far this machine's clock is ahead of the service's; negative when it is behind. */
  readonly aheadMs?: number;
}

const BODILESS: Readonly<Record<number, string>> = {
  301: 'PermanentRedirect',
  400: 'BadRequest',
  403: 'AccessDenied',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  412: 'PreconditionFailed',
  429: 'SlowDown',
  500: 'InternalError',
  501: 'NotImplemented',
  503: 'SlowDown',
};

/** What the SDK throws where S3 has answered: its error document, what the headers tell, or neither. */
interface Answered extends Error {
  readonly $metadata: { readonly httpStatusCode: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string | undefined>> };
  readonly Region?: unknown;
}

/** The SDK's names for an answer without an error document, and JavaScript's. */
const NO_CODES = new Set(['Unknown', 'UnknownError', 'Error', 'SyntaxError', 'TypeError']);
/** S3 tolerates a quarter of an hour. */
const TOLERATED_MS = 15 * 60_000;

/** What S3 refused, of what the SDK has thrown; undefined where it has not answered, or not like S3. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (!isAnswered(error)) return undefined;
  const status = error.$metadata.httpStatusCode;
  const headers = error.$response?.headers ?? {};
  const region = headers['x-amz-bucket-region'] ?? error.Region;
  const isNamed = !NO_CODES.has(error.name);
  const code = isNamed ? error.name : (BODILESS[status] ?? String(status));
  const aheadMs = Date.now() - Date.parse(headers['date'] ?? '');
  const isSkewed = status === 403 && Math.abs(aheadMs) > TOLERATED_MS;
  return {
    status,
    // An answer to HEAD has no words for it.
    code: isSkewed && code === 'AccessDenied' ? 'RequestTimeTooSkewed' : code,
    message: isNamed ? error.message : '',
    ...(typeof region === 'string' && region !== '' && { region }),
    ...(isSkewed && { aheadMs }),
  };
}

function isAnswered(error: unknown): error is Answered {
  if (!(error instanceof Error) || !('$metadata' in error)) return false;
  const { httpStatusCode } = error.$metadata as { readonly httpStatusCode?: number };
  // An answer that broke in the middle, or was none of S3's, has a status too.
  return httpStatusCode !== undefined && httpStatusCode >= 300 && !isTransport(error);
}

const isTransport = (error: Error): boolean =>
  error.name === 'TimeoutError' || ('code' in error && /^(?:E[A-Z]+|ERR_\w+)$/.test(String(error.code)));

const OVERLOAD = new Set([
  'SlowDown',
  'ServiceUnavailable',
  'Throttling',
  'ThrottlingException',
  'RequestLimitExceeded',
  'TooManyRequests',
]);
const PASSING = new Set([
  'InternalError',
  'RequestTimeout',
  'OperationAborted',
  'BadDigest',
  'IncompleteBody',
]);

/** The service asks to come slower. */
export const isOverload = ({ code, status }: Refusal): boolean =>
  OVERLOAD.has(code) || status === 429 || status === 503;

/** The same request may succeed later. */
export const isPassing = (refusal: Refusal): boolean =>
  isOverload(refusal) || PASSING.has(refusal.code) || (refusal.status >= 500 && refusal.status !== 501);

/** Nothing more will succeed in this bucket: no object of it is worth another try. */
const HOPELESS = new Set([
  'NoSuchBucket',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'ExpiredToken',
  'InvalidToken',
  'RequestTimeTooSkewed',
  'PermanentRedirect',
  'AuthorizationHeaderMalformed',
  'wrongRegion',
  'AllAccessDisabled',
  'AccountProblem',
  'dns',
  'unreachable',
  'timeout',
  'tls',
  'interlock',
  'diskFull',
  'secretMissing',
  'noCredentials',
]);

export const isHopeless = (error: StepError): boolean => HOPELESS.has(error.code);

/** `doing`: `list the bucket shop-videos`. */
export function refusalError(refusal: Refusal, place: BucketPlace, doing: string): StepError {
  const { code, message, hint } = explain(refusal, place);
  const said = refusal.message === '' || message.includes(refusal.message) ? '' : ` (${refusal.message})`;
  return new StepError(`S3 refused to ${doing}: ${message}${said}`, {
    code,
    retryable: isPassing(refusal),
    details: { status: refusal.status },
    ...(hint !== undefined && { hint }),
  });
}

function explain(
  { code, message, region, aheadMs }: Refusal,
  place: BucketPlace,
): { readonly code: string; readonly message: string; readonly hint?: string } {
  const { bucket, caller, host } = place;
  switch (code) {
    case 'PermanentRedirect':
    case 'AuthorizationHeaderMalformed':
    case 'IllegalLocationConstraintException':
    case 'TemporaryRedirect':
      return {
        code: 'wrongRegion',
        message: `the bucket ${bucket} is ${region === undefined ? 'in another region' : `in ${region}`}, not in ${place.region}`,
        hint: `Correct the "region" of the bucket in the environment${region === undefined ? '' : `: ${region}`}. If you meant another bucket, correct its name.`,
      };
    case 'NoSuchBucket':
      return {
        code,
        message: `there is no bucket ${bucket} at ${host}`,
        hint: 'Check its name, region and endpoint in the environment. A bucket that was deleted is not kept by AWS: make it again and copy it back from a replica.',
      };
    case 'NoSuchKey':
    case 'NoSuchVersion':
      return {
        code,
        message: 'there is no such object or version',
        hint: 'Look at what there is: s3.list-versions shows deleted objects too.',
      };
    case 'InvalidAccessKeyId':
      return {
        code,
        message: `${caller} is not known there`,
        hint: `Check ${caller}, and that the endpoint is the one that the key is for.`,
      };
    case 'SignatureDoesNotMatch':
      return {
        code,
        message: 'the secret key does not belong to the access key',
        hint: `Check the secret key that goes with ${caller}.`,
      };
    case 'ExpiredToken':
    case 'InvalidToken':
    case 'TokenRefreshRequired':
      return {
        code,
        message: 'the session token has expired or is not valid',
        hint: 'Get new temporary credentials, put them where the environment reads them, and try again: what is done is kept.',
      };
    case 'RequestTimeTooSkewed':
      return {
        code,
        message: `the clock of this machine is ${aheadMs === undefined ? 'wrong' : `${humanDuration(Math.abs(aheadMs))} ${aheadMs > 0 ? 'ahead' : 'behind'}`}`,
        hint: 'S3 tolerates a quarter of an hour, and moments of a recovery are told by this clock. Set it, and try again.',
      };
    case 'AccessDenied':
    case 'AllAccessDisabled':
      return {
        code,
        message: `${caller} may not do this${place.owner === undefined ? '' : `, or the bucket does not belong to the account ${place.owner}`}`,
        hint: 'Check the policies of the key and of the bucket, and the account in the environment.',
      };
    case 'BucketAlreadyExists':
      return {
        code,
        message: `the name ${bucket} is taken by somebody else`,
        hint: 'Names are unique in all of AWS. Create one of another name.',
      };
    case 'OperationAborted':
      return {
        code,
        message: `the name ${bucket} is not free yet`,
        hint: 'The name of a deleted bucket may take hours to become free. Create one of another name.',
      };
    case 'InvalidObjectState':
      return {
        code,
        message: 'the object is in the archive',
        hint: 'Fetch it with s3.restore-archived first.',
      };
    case 'NotImplemented':
    case 'MethodNotAllowed':
      return {
        code,
        message: `${host} cannot do this`,
        hint: 'It may be another S3 service than AWS, with fewer functions.',
      };
    case 'SlowDown':
      return { code, message: 'it is overloaded', hint: 'Try again, with a lower "concurrency".' };
    default:
      return { code, message: message === '' ? code : message };
  }
}

/** Words for a connection that failed. `retryable`: the same may work a moment later. */
export function transportError(cause: unknown, place: BucketPlace): StepError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const reason = cause instanceof Error && cause.message !== '' ? cause.message : code || String(cause);
  const { host } = place;
  const hostname = host.replace(/:\d+$/, '');
  if (isSilence(cause)) {
    const connected = !cause.message.includes('did not establish a connection');
    return new StepError(`${host}: ${connected ? 'no answer' : 'no connection'} in time`, {
      code: 'timeout',
      retryable: true,
      cause,
      changed: connected ? 'maybe' : 'nothing',
    });
  }
  if (cause instanceof Error && '$metadata' in cause && !isTransport(cause)) {
    return notS3(host, cause);
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new StepError(`the host name ${hostname} cannot be resolved`, {
      code: 'dns',
      hint: 'Check endpoint and region in the environment, and the DNS of this machine.',
      retryable: code === 'EAI_AGAIN',
      cause,
    });
  }
  if (/CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO|EPROTO/.test(code)) {
    return new StepError(`no secure connection to ${host}: ${reason}`, {
      code: 'tls',
      hint: 'Check that the endpoint is the right one, its protocol and its certificate.',
      cause,
    });
  }
  if (code === 'ECONNREFUSED') {
    return new StepError(`${host} refuses the connection`, {
      code: 'unreachable',
      hint: 'Check the endpoint in the environment.',
      retryable: true,
      cause,
    });
  }
  return new StepError(`the connection to ${host} broke: ${reason}`, {
    code: 'unreachable',
    retryable: true,
    changed: 'maybe',
    cause,
  });
}

/** The SDK's own limits; it calls what Node.js says of broken connections a timeout too, with a code of theirs. */
const isSilence = (cause: unknown): cause is Error =>
  cause instanceof Error && cause.name === 'TimeoutError' && cause.message.startsWith('@smithy/');

/** Something else answers there. */
export const notS3 = (host: string, cause?: unknown): StepError =>
  new StepError(`${host} did not answer like an S3 service`, {
    code: 'notS3',
    hint: 'Check the endpoint in the environment.',
    cause,
  });
