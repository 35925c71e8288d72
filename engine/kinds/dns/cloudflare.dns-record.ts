import { readJson } from '../../base/json-text.ts';
import type { Json } from '../../base/json.ts';
import type { Value, ValueMap } from '../../base/value.ts';
import { isValueList, isValueMap } from '../../base/value.ts';
import { isHandle } from '../../model/handle.ts';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { optionalText, text } from '../context/members.ts';
import { shownSecret } from '../context/reveal.ts';
import { exchange } from '../http/transport.ts';
import { quote } from '../context/quote.ts';
import type { Output, With } from '../types.ts';
import type { DnsRecord } from './record.ts';
import { describeRecord, dnsSection, plainName, recordTargets, wantedRecord } from './record.ts';
import type { RecordKeeper } from './set-record.ts';
import { reconcileRecord, setRecord } from './set-record.ts';

const API = 'https://api.cloudflare.com/client/v4';
const TIMEOUT_MS = 30_000;
const MAX_BYTES = 1024 * 1024;
const LEADING = new Set(['A', 'AAAA', 'CNAME']);

interface CloudflareRecord extends DnsRecord {
  readonly id: string;
}

/** Sets where a name leads, in a zone at Cloudflare. https://developers.cloudflare.com/api/resources/dns/ */
export const cloudflareDnsRecord: StepKind<With['cloudflare.dns-record'], Output['cloudflare.dns-record']> = {
  name: 'cloudflare.dns-record',
  outputs: ['previous'],
  effect: () => 'write',
  describe: (args) => describeRecord(args, 'Cloudflare'),
  byHand(args, environment) {
    const { type, content, ttl } = wantedRecord(args);
    const body = quote(JSON.stringify({ type, content, ttl }));
    const section = dnsSection(environment, 'cloudflare');
    const { token } = section;
    const curl = `curl -fsS -H "Authorization: Bearer ${isHandle(token) ? shownSecret(token) : '$CLOUDFLARE_TOKEN'}"`;
    const records = `${apiOf(section)}/zones/${optionalText(section, 'zone') ?? 'ZONE'}/dns_records`;
    const asked = quote(`${records}?name=${encodeURIComponent(plainName(args.name))}`);
    return [
      `RECORD=$(${curl} ${asked} | jq -r '.result[0].id')`,
      `${curl} -X PATCH -H 'Content-Type: application/json' -d ${body} "${records}/$RECORD"`,
    ].join('\n');
  },
  targets: recordTargets,
  run: (args, context) => setRecord(args, context, keeper(args.name, context)),
  reconcile: (args, context) => reconcileRecord(args, context, keeper(args.name, context)),
};

function keeper(name: string, context: StepContext): RecordKeeper<CloudflareRecord> {
  const section = dnsSection(context.environment, 'cloudflare');
  const records = `/zones/${encodeURIComponent(text(section, 'zone'))}/dns_records`;
  return {
    async read() {
      const query = new URLSearchParams({ name: plainName(name), per_page: '100' });
      const result = await call(section, context, { method: 'GET', path: `${records}?${query.toString()}` });
      if (!isValueList(result)) throw badAnswer();
      return result.map(toRecord).filter(({ type }) => LEADING.has(type));
    },
    async write({ type, content, ttl }, before) {
      // What else the record has (the proxy, a comment) stays as it is.
      const body = { type, content, ttl, ...(before === undefined && { name }) };
      const one = before === undefined ? '' : `/${encodeURIComponent(before.id)}`;
      await call(section, context, {
        method: before === undefined ? 'POST' : 'PATCH',
        path: records + one,
        body,
      });
    },
  };
}

/** Cloudflare's `result`. Throws `StepError` with the number of its first error. */
const apiOf = (section: ValueMap): string => (optionalText(section, 'api') ?? API).replace(/\/+$/, '');

async function call(
  section: ValueMap,
  context: StepContext,
  { method, path, body }: { readonly method: string; readonly path: string; readonly body?: Json },
): Promise<Value> {
  const token = section['token'];
  if (!isHandle(token)) {
    throw new StepError('the environment has no token for Cloudflare', {
      code: 'notConfigured',
      hint: 'Add "dns: { cloudflare: { token: { env: CLOUDFLARE_TOKEN } } }": one that may edit the DNS of the zone.',
    });
  }
  const bearer = (await context.secrets.reveal(token, context.signal)).reveal();
  const response = await exchange({
    url: new URL(apiOf(section) + path),
    method,
    headers: {
      authorization: `Bearer ${bearer}`,
      accept: 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    timeoutMs: TIMEOUT_MS,
    signal: context.signal,
    maxBytes: MAX_BYTES,
  });
  const answer = parse(response.body.toString());
  if (response.status < 300 && answer['success'] === true) return answer['result'] ?? null;
  throw refused(answer, response.status, method);
}

function refused(answer: ValueMap, status: number, method: string): StepError {
  const { errors } = answer;
  const [first] = errors !== undefined && isValueList(errors) ? errors : [];
  const { code, message } = isValueMap(first) ? first : {};
  const server = status >= 500;
  return new StepError(
    `Cloudflare answered ${String(status)}${typeof message === 'string' ? `: ${message}` : ''}`,
    {
      code: String(status),
      changed: server && method !== 'GET' ? 'maybe' : 'nothing',
      retryable: server || status === 429,
      details: { status, ...(typeof code === 'number' && { reason: code }) },
      ...((status === 401 || status === 403) && {
        hint: 'Is the token complete, and may it edit the DNS of this zone?',
      }),
      ...(status === 404 && { hint: 'Is "zone" the id of the zone, not its name?' }),
    },
  );
}

function parse(body: string): ValueMap {
  try {
    const answer = readJson(body);
    return isValueMap(answer) ? answer : {};
  } catch {
    return {};
  }
}

function toRecord(json: Value): CloudflareRecord {
  const { id, type, content, ttl } = isValueMap(json) ? json : {};
  if (typeof id === 'string' && typeof type === 'string' && typeof content === 'string') {
    return { id, type, content, ttl: typeof ttl === 'number' ? ttl : 1 };
  }
  throw badAnswer();
}

const badAnswer = (): StepError =>
  new StepError('Cloudflare answered with something that is no list of records', { code: 'badAnswer' });
