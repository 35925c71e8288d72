import { performance } from 'node:perf_hooks';
import { readJson, writeJson } from '../../base/json-text.ts';
import type { Value } from '../../base/value.ts';
import type { Environment } from '../../model/environment.ts';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import type { WritePlace } from '../machine/place.ts';
import { claim, elsewhere, fromFolder, mustBeFree, partialBeside, placeOf } from '../machine/place.ts';
import type { Stored } from './evidence.ts';
import { fileBody, storedExchange } from './evidence.ts';
import type { HttpResponse, TlsSettings } from './transport.ts';
import { CHANGING_METHODS, SAFE_METHODS } from './methods.ts';
import { exchange } from './transport.ts';
import { jsonParts, shellWord } from '../context/in-shell.ts';
import { plainJson, plainText, plainTexts, shownText } from '../context/reveal.ts';
import type { Output, With } from '../types.ts';

type Args = With['http.request'];
type Result = Output['http.request'];

const TIMEOUT_MS = 30_000;
/** Of the answer's body, in the output and so in the journal. */
const MAX_BYTES = 1024 * 1024;

/**
 * One HTTP request. Any answer is an output, whatever its status; only no answer is an error,
 * unless `ok` says which statuses are good. Redirects are answers too: they are not followed.
 */
export const httpRequest: StepKind<Args, Result> = {
  name: 'http.request',
  outputs: ['status', 'body'],
  effect: (args) => (SAFE_METHODS.has(methodOf(args)) ? 'read' : 'unknown'),
  writesElsewhere: (args, folder) => elsewhere(args.store, folder),
  asReading: (args) =>
    CHANGING_METHODS.has(methodOf(args))
      ? { contradiction: `${methodOf(args)} changes something, whatever is said of it` }
      : 'believed',
  describe: (args) => `Send ${methodOf(args)} ${shownUrl(args)}`,
  byHand: (args, environment, folder) => curl(args, environment, folder),
  targets: () => [],
  goesTo: ({ url }) => url,
  async run(args, context) {
    const { body, type } = await bodyOf(args, context);
    const store = await storeOf(args, context);
    const tls = await tlsOf(args, context);
    const { host } = args;
    const start = performance.now();
    const request = {
      url: urlFrom(await plainText(args.url, 'url', context)),
      method: methodOf(args),
      headers: {
        ...(type !== undefined && { 'content-type': type }),
        ...(host !== undefined && { host }),
        ...lowerCased(await plainTexts(args.headers ?? {}, 'headers', context)),
        ...(await authorization(args, context)),
      },
      ...(body !== undefined && { body }),
      timeoutMs: args.timeout?.millis ?? TIMEOUT_MS,
      signal: context.signal,
      ...(tls !== undefined && { tls }),
    };
    const response =
      store === undefined
        ? { ...(await exchange({ ...request, maxBytes: MAX_BYTES })), stored: undefined }
        : await storedExchange(request, store, partialBeside(store, context), MAX_BYTES);
    const output = outputOf(response, Math.round(performance.now() - start));
    checkStatus(args, response, output);
    return output;
  },
};

const methodOf = (args: Args): string => args.method ?? 'GET';

const shownUrl = (args: Args): string => shownText(args.url);

function urlFrom(text: string): URL {
  if (URL.canParse(text) && /^https?:/.test(text)) return new URL(text);
  throw new StepError('the address is not an http or https URL', { code: 'usage' });
}

const lowerCased = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

async function authorization(args: Args, context: StepContext): Promise<{ authorization?: string }> {
  const { bearer, basic } = args.auth ?? {};
  if (bearer !== undefined)
    return { authorization: `Bearer ${await plainText(bearer, 'auth.bearer', context)}` };
  if (basic === undefined) return {};
  const { username = '', password = '' } = await plainTexts(basic, 'auth.basic', context);
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}

const BODIES = ['json', 'form', 'body', 'file'] as const;

async function bodyOf(
  args: Args,
  context: StepContext,
): Promise<{ body?: string | Uint8Array; type?: string }> {
  const [given, ...more] = BODIES.filter((key) => args[key] !== undefined);
  if (more.length > 0)
    throw new StepError('give only one of "json", "form", "body" and "file"', { code: 'usage' });
  switch (given) {
    case 'json':
      return {
        body: writeJson(await plainJson(args.json ?? null, context)),
        type: 'application/json',
      };
    case 'form': {
      const fields = await plainTexts(args.form ?? {}, 'form', context);
      return { body: new URLSearchParams(fields).toString(), type: 'application/x-www-form-urlencoded' };
    }
    case 'file':
      return {
        body: await fileBody(placeOf(args.file ?? '', context)),
        type: 'application/octet-stream',
      };
    case 'body':
      return { body: await plainText(args.body ?? '', 'body', context) };
    default:
      return {};
  }
}

/** Where the answer goes, checked before anything is sent. */
async function storeOf(args: Args, context: StepContext): Promise<WritePlace | undefined> {
  const { store } = args;
  if (store === undefined) return undefined;
  const place = await claim(store, args, context);
  await mustBeFree(place);
  return place;
}

async function tlsOf(args: Args, context: StepContext): Promise<TlsSettings | undefined> {
  const { tls } = args;
  if (tls === undefined) return undefined;
  const { insecure, ...texts } = tls;
  return { ...(await plainTexts(texts, 'tls', context)), insecure: insecure === true };
}

function outputOf(
  response: HttpResponse & { readonly stored: Stored | undefined },
  durationMs: number,
): Result {
  const body = response.body.toString('utf8');
  return {
    status: response.status,
    headers: { ...response.headers },
    body,
    json: response.truncated ? null : jsonOf(body),
    truncated: response.truncated,
    durationMs,
    stored: response.stored === undefined ? null : { ...response.stored },
  };
}

/** Null where the body is no JSON, so that a condition on it fails and does not crash. */
function jsonOf(body: string): Value {
  if (!/^\s*[[{"\d-]|^\s*(?:true|false|null)\s*$/.test(body)) return null;
  try {
    return readJson(body);
  } catch {
    return null;
  }
}

function checkStatus(args: Args, response: HttpResponse, output: Result): void {
  if (args.ok === undefined || args.ok.includes(response.status)) return;
  const write = !SAFE_METHODS.has(methodOf(args));
  throw new StepError(`${methodOf(args)} ${shownUrl(args)} was answered with ${response.status}`, {
    code: String(response.status),
    changed: write ? 'maybe' : 'nothing',
    retryable: response.status >= 500 || response.status === 429,
    details: output,
    ...(output.body !== '' && { hint: `The answer begins: ${output.body.slice(0, 200)}` }),
  });
}

function curl(args: Args, environment: Environment, folder: string | undefined): string {
  const { bearer, basic } = args.auth ?? {};
  const word = (...parts: readonly Value[]): string => shellWord(environment, ...parts);
  const file = (path: Value): Value => (typeof path === 'string' ? fromFolder(path, folder) : path);
  const options = [
    methodOf(args) === 'GET' ? '' : `-X ${methodOf(args)}`,
    bearer === undefined ? '' : `-H ${word('Authorization: Bearer ', bearer)}`,
    basic === undefined ? '' : `-u ${word(basic.username, ':', basic.password)}`,
    ...Object.entries(args.headers ?? {}).map(([name, value]) => `-H ${word(`${name}: `, value)}`),
    args.json === undefined ? '' : `-H 'Content-Type: application/json' -d ${word(...jsonParts(args.json))}`,
    ...Object.entries(args.form ?? {}).map(([name, value]) => `--data-urlencode ${word(`${name}=`, value)}`),
    args.body === undefined ? '' : `--data-binary ${word(args.body)}`,
    args.file === undefined ? '' : `--data-binary ${word('@', file(args.file))}`,
    args.host === undefined ? '' : `-H ${word('Host: ', args.host)}`,
    args.tls?.insecure === true ? '-k' : '',
    args.store === undefined ? '' : `-o ${word(file(args.store))}`,
    `--max-time ${Math.ceil((args.timeout?.millis ?? TIMEOUT_MS) / 1000)}`,
  ];
  return ['curl -sS -i', ...options.filter((option) => option !== ''), word(args.url)].join(' ');
}
