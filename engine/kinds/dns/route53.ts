import { createHash, createHmac } from 'node:crypto';
import type { ValueMap } from '../../base/value.ts';
import { isValueMap } from '../../base/value.ts';
import type { StepContext } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { optionalText } from '../context/members.ts';
import { exchange } from '../http/transport.ts';
import { awsSection } from '../s3/client/access.ts';
import { credentialProvider } from '../s3/client/credential-provider.ts';
import { credentialsOf } from '../s3/client/credentials.ts';

/** Route 53 is one service for all regions, and its requests are signed for this one. */
export const REGION = 'us-east-1';
const ENDPOINT = 'https://route53.amazonaws.com';
const TIMEOUT_MS = 30_000;
const MAX_BYTES = 1024 * 1024;

/** Where Route 53 is asked, without a slash at its end. */
export const endpointOf = (section: ValueMap): string =>
  (optionalText(section, 'endpoint') ?? ENDPOINT).replace(/\/+$/, '');

/** One signed request: what the first element of the answer holds. Throws `StepError` with the service's own code. */
export async function askRoute53(
  section: ValueMap,
  context: StepContext,
  call: {
    readonly method: 'GET' | 'POST';
    readonly path: string;
    readonly query?: Readonly<Record<string, string>>;
    readonly body?: string;
  },
): Promise<ValueMap> {
  const { method, path, query = {}, body } = call;
  const url = new URL(endpointOf(section) + path);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const response = await exchange({
    url,
    method,
    headers: await signed(section, context, { ...call, url, query }),
    ...(body !== undefined && { body }),
    timeoutMs: TIMEOUT_MS,
    signal: context.signal,
    maxBytes: MAX_BYTES,
  });
  const answer = await parsed(response.body);
  if (response.status < 300) return answer;
  throw refused(answer, response.status, method);
}

async function signed(
  section: ValueMap,
  context: StepContext,
  call: {
    readonly method: string;
    readonly url: URL;
    readonly path: string;
    readonly query: Readonly<Record<string, string>>;
    readonly body?: string;
  },
): Promise<Readonly<Record<string, string>>> {
  const { SignatureV4 } = await import('@smithy/signature-v4');
  const credentials = credentialsOf(context.environment, awsSection(context.environment), section);
  const signer = new SignatureV4({
    service: 'route53',
    region: REGION,
    credentials: credentialProvider({ credentials, region: REGION, endpoint: undefined }, context),
    sha256: Sha256,
  });
  const { method, url, path, query, body } = call;
  const { headers } = await signer.sign({
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    path,
    query,
    headers: { host: url.host, ...(body !== undefined && { 'content-type': 'application/xml' }) },
    ...(body !== undefined && { body }),
  });
  return headers;
}

/** The digest of Node.js, in the form that the signer asks for. */
class Sha256 {
  readonly #hash;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(data));
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data);
  return data instanceof ArrayBuffer
    ? new Uint8Array(data)
    : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

const LISTS = new Set(['ResourceRecordSet', 'ResourceRecord']);

/** Texts stay texts, and what there may be several of is a list. Empty for what is no XML. */
async function parsed(body: Buffer): Promise<ValueMap> {
  const { XMLParser } = await import('fast-xml-parser');
  const parser = new XMLParser({
    ignoreDeclaration: true,
    parseTagValue: false,
    isArray: (name) => LISTS.has(name),
  });
  try {
    const [first] = Object.values(parser.parse(body) as ValueMap);
    return isValueMap(first) ? first : {};
  } catch {
    return {};
  }
}

function refused(answer: ValueMap, status: number, method: string): StepError {
  const error = mapAt(answer, 'Error');
  const code = optionalText(error, 'Code') ?? ('Messages' in answer ? 'InvalidChangeBatch' : undefined);
  const said = optionalText(error, 'Message') ?? optionalText(mapAt(answer, 'Messages'), 'Message');
  return new StepError(`Route 53 answered ${String(status)}${said === undefined ? '' : `: ${said}`}`, {
    code: code ?? String(status),
    changed: status >= 500 && method !== 'GET' ? 'maybe' : 'nothing',
    retryable: status >= 500 || code === 'Throttling' || code === 'PriorRequestNotComplete',
    details: { status },
    ...(code === 'AccessDenied' && {
      hint: 'The caller needs route53:ListResourceRecordSets, route53:ChangeResourceRecordSets and route53:GetChange.',
    }),
  });
}

/** An element within another; empty where there is none. */
export function mapAt(map: ValueMap, key: string): ValueMap {
  const value = map[key];
  return isValueMap(value) ? value : {};
}

export const escaped = (text: string): string =>
  text.replaceAll(/[<>&"']/g, (character) => `&#${String(character.charCodeAt(0))};`);
