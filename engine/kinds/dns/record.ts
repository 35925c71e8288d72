import type { Value, ValueMap } from '../../base/value.ts';
import { isValueMap } from '../../base/value.ts';
import type { Environment } from '../../model/environment.ts';
import type { TargetUse } from '../../model/environment.ts';
import { StepError } from '../../model/kind.ts';
import { nameOf, targetUse } from '../context/target.ts';

/** What `with` says of a record, whichever provider keeps it. */
export interface RecordArgs {
  readonly name: string;
  readonly to: ValueMap;
  readonly type?: 'A' | 'AAAA' | 'CNAME';
  readonly content?: string;
  readonly ttl?: number;
}

/** A record as it should be, or is. */
export interface DnsRecord {
  readonly type: string;
  readonly content: string;
  /** Seconds. */
  readonly ttl: number;
}

/** Short enough that the next move reaches everybody within minutes. */
const TTL = 60;

/** The record that leads a name to a service: by its host, unless `content` says what it holds. */
export function wantedRecord(args: RecordArgs): DnsRecord {
  const url = args.to['url'];
  const host = typeof url === 'string' && URL.canParse(url) ? new URL(url).host : undefined;
  const content = args.content ?? host;
  if (content !== undefined) return { type: args.type ?? 'CNAME', content, ttl: args.ttl ?? TTL };
  throw new StepError(`the environment does not say where ${nameOf(args.to)} is reached`, {
    code: 'notConfigured',
    hint: 'Add its "url" to the environment, or give "content".',
  });
}

export const describeRecord = (args: RecordArgs, provider: string): string =>
  `Lead ${args.name} to ${args.content ?? nameOf(args.to)}, at ${provider}`;

/** A record has no fingerprint: what is written to is the service that customers are led to. */
export const recordTargets = ({ to }: RecordArgs): readonly TargetUse[] => [
  targetUse('services', to, 'write', 'provider'),
];

/** What one name can lead to with one answer. Throws `StepError` where the name has several, which are for a person to judge. */
export function theOnly<T extends DnsRecord>(name: string, found: readonly T[]): T | undefined {
  const [first, second] = found;
  if (second === undefined) return first;
  throw new StepError(
    `${name} has several records: ${found.map(({ type, content }) => `${type} ${content}`).join(', ')}`,
    { code: 'severalRecords', hint: 'Change them by hand, or leave one of them.' },
  );
}

/** A name as DNS compares it: small letters, without the last dot. */
export const plainName = (name: string): string => name.toLowerCase().replace(/\.$/, '');

export const isSameRecord = (left: DnsRecord | undefined, right: DnsRecord): boolean =>
  left?.type === right.type && plainName(left.content) === plainName(right.content);

export const recordOutput = (name: string, now: DnsRecord, previous: DnsRecord | undefined) => ({
  name,
  type: now.type,
  content: now.content,
  ttl: now.ttl,
  previous: previous === undefined ? null : { ...pick(previous) },
  changed: !isSameRecord(previous, now),
});

const pick = ({ type, content, ttl }: DnsRecord): { type: string; content: string; ttl: number } => ({
  type,
  content,
  ttl,
});

/** A provider's part of the section `dns` of the environment. Throws `StepError` where there is none. */
export function dnsSection(environment: Environment, provider: 'cloudflare' | 'route53'): ValueMap {
  const dns: Value | undefined = environment.data['dns'];
  const section = isValueMap(dns) ? dns[provider] : undefined;
  if (isValueMap(section)) return section;
  throw new StepError(`the environment ${environment.name} names no zone at ${provider}`, {
    code: 'notConfigured',
    hint: `Add "dns: { ${provider}: { zone: … } }" to the environment.`,
  });
}

/** As a checkpoint of the step holds it; what an earlier life found before it changed anything. */
export function recordIn(value: Value | undefined): DnsRecord | undefined {
  if (!isValueMap(value)) return undefined;
  const { type, content, ttl } = value;
  return typeof type === 'string' && typeof content === 'string' && typeof ttl === 'number'
    ? { type, content, ttl }
    : undefined;
}
