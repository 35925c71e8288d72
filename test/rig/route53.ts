import { createHmac, createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll } from 'vitest';

export const ROUTE53_KEY = { id: 'AKIATESTROUTE53', secret: 'a secret of the test' };
const ZONE = 'Z0TEST';
const XML = '<?xml version="1.0" encoding="UTF-8"?>';
const SCHEMA = 'xmlns="https://route53.amazonaws.com/doc/2013-04-01/"';

export interface ZoneSet {
  readonly type: string;
  readonly ttl: number;
  readonly value: string;
}

/** Route 53 as it is documented, with one hosted zone: signatures are computed anew and held against those sent. */
export interface Route53Rig {
  readonly zone: string;
  readonly endpoint: string;
  readonly sets: Map<string, ZoneSet>;
  /** Bodies of the changes that came. */
  readonly changes: string[];
  /** How often a change is PENDING before it is INSYNC. */
  pending: number;
}

export async function startRoute53(): Promise<Route53Rig> {
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const { status, xml } = answer(rig, request, body);
      response.writeHead(status, { 'content-type': 'text/xml' }).end(XML + xml);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const rig: Route53Rig = {
    ...{ zone: ZONE, endpoint: `http://127.0.0.1:${String(port)}`, sets: new Map(), changes: [] },
    pending: 0,
  };
  afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return rig;
}

interface Answer {
  readonly status: number;
  readonly xml: string;
}

function answer(rig: Route53Rig, request: IncomingMessage, body: string): Answer {
  if (!isSigned(request, body)) return refusal(403, 'SignatureDoesNotMatch', 'The signature does not match');
  const url = new URL(request.url ?? '', rig.endpoint);
  const [, version, what, id] = url.pathname.split('/');
  if (version !== '2013-04-01') return refusal(404, 'NotFound', 'no such version');
  if (what === 'change')
    return { status: 200, xml: `<GetChangeResponse ${SCHEMA}>${info(rig)}</GetChangeResponse>` };
  if (id !== ZONE) return refusal(404, 'NoSuchHostedZone', `No hosted zone found with ID: ${id ?? ''}`);
  return request.method === 'POST' ? change(rig, body) : list(rig, url.searchParams.get('name') ?? '');
}

function list(rig: Route53Rig, from: string): Answer {
  const sets = [...rig.sets]
    .filter(([name]) => name >= from)
    .map(
      ([name, { type, ttl, value }]) =>
        `<ResourceRecordSet><Name>${name}</Name><Type>${type}</Type><TTL>${String(ttl)}</TTL><ResourceRecords>${value
          .split(' ')
          .map((one) => `<ResourceRecord><Value>${one}</Value></ResourceRecord>`)
          .join('')}</ResourceRecords></ResourceRecordSet>`,
    );
  return {
    status: 200,
    xml: `<ListResourceRecordSetsResponse ${SCHEMA}><ResourceRecordSets>${sets.join('')}</ResourceRecordSets><IsTruncated>false</IsTruncated><MaxItems>100</MaxItems></ListResourceRecordSetsResponse>`,
  };
}

function change(rig: Route53Rig, body: string): Answer {
  rig.changes.push(body);
  for (const [, action = '', set = ''] of body.matchAll(/<Action>(\w+)<\/Action>(.*?)<\/Change>/g)) {
    const part = (name: string): string => new RegExp(`<${name}>(.*?)</${name}>`).exec(set)?.[1] ?? '';
    const before = rig.sets.get(part('Name'));
    if (action === 'DELETE') rig.sets.delete(part('Name'));
    else if (before !== undefined && before.type !== part('Type')) {
      const said = 'RRSet of type CNAME conflicts with an existing one';
      return {
        status: 400,
        xml: `<InvalidChangeBatch ${SCHEMA}><Messages><Message>${said}</Message></Messages></InvalidChangeBatch>`,
      };
    } else rig.sets.set(part('Name'), { type: part('Type'), ttl: Number(part('TTL')), value: part('Value') });
  }
  return {
    status: 200,
    xml: `<ChangeResourceRecordSetsResponse ${SCHEMA}>${info(rig)}</ChangeResourceRecordSetsResponse>`,
  };
}

function info(rig: Route53Rig): string {
  const status = rig.pending > 0 ? 'PENDING' : 'INSYNC';
  rig.pending = Math.max(0, rig.pending - 1);
  return `<ChangeInfo><Id>/change/C1</Id><Status>${status}</Status><SubmittedAt>2025-11-01T12:00:00Z</SubmittedAt></ChangeInfo>`;
}

const refusal = (status: number, code: string, message: string): Answer => ({
  status,
  xml: `<ErrorResponse ${SCHEMA}><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>1</RequestId></ErrorResponse>`,
});

/** Signature Version 4, computed from what came. */
function isSigned(request: IncomingMessage, body: string): boolean {
  const header = request.headers.authorization ?? '';
  const [, scope = '', names = '', signature = ''] =
    /Credential=[^/]+\/([^,]+), SignedHeaders=([^,]+), Signature=(\w+)/.exec(header) ?? [];
  const url = new URL(request.url ?? '', 'http://x');
  const query = [...url.searchParams]
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .sort();
  const headers = names.split(';').map((name) => `${name}:${String(request.headers[name] ?? '')}\n`);
  const canonical = [
    request.method,
    url.pathname,
    query.join('&'),
    headers.join(''),
    names,
    sha256(body),
  ].join('\n');
  const text = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  let key: Buffer | string = `AWS4${ROUTE53_KEY.secret}`;
  for (const part of scope.split('/')) key = createHmac('sha256', key).update(part).digest();
  const isScope = /^\d{8}\/us-east-1\/route53\/aws4_request$/.test(scope);
  return isScope && createHmac('sha256', key).update(text).digest('hex') === signature;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
