import type { Value, ValueMap } from '../../base/value.ts';
import { isValueMap } from '../../base/value.ts';
import { trustOfMachine } from '../../kinds/http/authorities.ts';
import { hasProxy, proxyFor, shownProxy } from '../../kinds/http/proxy.ts';
import { exchange } from '../../kinds/http/transport.ts';
import { PAGERDUTY_URL } from '../../kinds/notify/pagerduty.ts';
import { STATUSPAGE_URL } from '../../kinds/notify/statuspage.ts';
import { renderApi } from '../../kinds/context/render-api.ts';
import type { Environment } from '../../model/environment.ts';
import { isHandle } from '../../model/handle.ts';
import type { SecretResolver } from '../../model/handle.ts';
import type { Finding } from './finding.ts';
import { explained, PATIENCE_MS } from './finding.ts';

/** What the variables of this machine say of the way outside: authorities, and which address is asked through which proxy. */
export async function networkFindings(
  environment: Environment,
  secrets: SecretResolver,
): Promise<readonly Finding[]> {
  const trust = await trustFindings();
  if (!hasProxy()) return trust;
  const addresses = await addressesOf(environment, secrets);
  const origins = new Map(addresses.map((url) => [url.origin, url]));
  return [...trust, ...(await Promise.all([...origins.values()].map(routeFinding)))];
}

async function trustFindings(): Promise<readonly Finding[]> {
  const names = ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE'].filter((name) => (process.env[name] ?? '') !== '');
  if (names.length === 0) return [];
  const what = 'authorities beside the public ones';
  try {
    await trustOfMachine();
    const files = names.map((name) => `${process.env[name] ?? ''} (${name})`);
    return [{ what, verdict: 'ok', detail: files.join(', ') }];
  } catch (error) {
    return [{ what, verdict: 'problem', ...explained(error) }];
  }
}

/** Asks for nothing but the head of the first page: any answer has come all the way. */
async function routeFinding(url: URL): Promise<Finding> {
  const what = `the way to ${url.host}`;
  try {
    const proxy = proxyFor(url);
    if (proxy === undefined) return { what, verdict: 'ok', detail: 'through no proxy' };
    const { status } = await exchange({
      url: new URL(url.origin),
      method: 'HEAD',
      headers: {},
      timeoutMs: PATIENCE_MS,
      signal: new AbortController().signal,
      maxBytes: 0,
    });
    const detail = `through ${shownProxy(proxy)}, answered with ${status}`;
    if (status < 500) return { what, verdict: 'ok', detail };
    return { what, verdict: 'warning', detail, hint: 'It may be the proxy that says so.' };
  } catch (error) {
    return { what, verdict: 'problem', ...explained(error) };
  }
}

/** The addresses that steps of this environment ask, as far as it names them. */
async function addressesOf(environment: Environment, secrets: SecretResolver): Promise<readonly URL[]> {
  const { render, publicUrl, aws, services, buckets, channels } = environment.data;
  const given = [
    ...(isValueMap(render) ? [renderApi(environment)] : []),
    publicUrl,
    ...entriesOf(services).map((service) => service['url']),
    ...entriesOf(buckets).map((bucket) => serviceOf(bucket, isValueMap(aws) ? aws : {})),
    ...entriesOf(channels).flatMap(({ slack, pagerduty, statuspage, webhook }) => [
      isValueMap(slack) ? slack['url'] : undefined,
      isValueMap(pagerduty) ? (pagerduty['url'] ?? PAGERDUTY_URL) : undefined,
      isValueMap(statuspage) ? (statuspage['url'] ?? STATUSPAGE_URL) : undefined,
      isValueMap(webhook) ? webhook['url'] : undefined,
    ]),
  ];
  const texts = await Promise.all(given.map((value) => textOf(value, secrets)));
  return texts.filter((text) => /^https?:/.test(text) && URL.canParse(text)).map((text) => new URL(text));
}

/** Where S3 answers for a bucket; AWS has an address for each region. */
function serviceOf(bucket: ValueMap, aws: ValueMap): Value {
  const region = bucket['region'] ?? aws['region'] ?? 'us-east-1';
  const at = typeof region === 'string' ? region : '';
  const ofAws = `https://s3.${at}.amazonaws.com${at.startsWith('cn-') ? '.cn' : ''}`;
  return bucket['endpoint'] ?? aws['endpoint'] ?? ofAws;
}

const entriesOf = (group: Value | undefined): readonly ValueMap[] =>
  isValueMap(group) ? Object.values(group).filter(isValueMap) : [];

/** Empty for a secret that cannot be had: that is told elsewhere. */
async function textOf(value: Value | undefined, secrets: SecretResolver): Promise<string> {
  if (!isHandle(value)) return typeof value === 'string' ? value : '';
  return secrets.reveal(value, AbortSignal.timeout(PATIENCE_MS)).then(
    (secret) => secret.reveal(),
    () => '',
  );
}
