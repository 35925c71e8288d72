import type { ValueMap } from '../../base/value.ts';
import { isValueList, isValueMap } from '../../base/value.ts';
import type { StepContext, StepKind } from '../../model/kind.ts';
import { StepError } from '../../model/kind.ts';
import { optionalText, text } from '../context/members.ts';
import { poll } from '../context/poll.ts';
import { aws } from '../s3/client/by-hand.ts';
import type { Output, With } from '../types.ts';
import { describeRecord, dnsSection, plainName, recordTargets, wantedRecord } from './record.ts';
import type { DnsRecord } from './record.ts';
import { REGION, askRoute53, endpointOf, escaped, mapAt } from './route53.ts';
import type { RecordKeeper } from './set-record.ts';
import { reconcileRecord, setRecord } from './set-record.ts';

const VERSION = '/2013-04-01';
const LEADING = new Set(['A', 'AAAA', 'CNAME']);

/**
 * Sets where a name leads, in a hosted zone at Route 53, asked as the section `aws` says.
 * https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
 */
export const route53DnsRecord: StepKind<With['route53.dns-record'], Output['route53.dns-record']> = {
  name: 'route53.dns-record',
  outputs: ['previous'],
  effect: () => 'write',
  describe: (args) => describeRecord(args, 'Route 53'),
  byHand(args, environment) {
    const { type, content, ttl } = wantedRecord(args);
    const ResourceRecordSet = {
      Name: args.name,
      Type: type,
      TTL: ttl,
      ResourceRecords: [{ Value: content }],
    };
    const batch = JSON.stringify({ Changes: [{ Action: 'UPSERT', ResourceRecordSet }] });
    const section = dnsSection(environment, 'route53');
    const zone = optionalText(section, 'zone') ?? 'ZONE';
    return aws(environment, { ...section, endpoint: endpointOf(section), region: REGION }, [
      ...['route53', 'change-resource-record-sets', '--hosted-zone-id', zone],
      ...['--change-batch', batch],
    ]);
  },
  targets: recordTargets,
  run: (args, context) => setRecord(args, context, keeper(args.name, context)),
  reconcile: (args, context) => reconcileRecord(args, context, keeper(args.name, context)),
};

function keeper(name: string, context: StepContext): RecordKeeper<DnsRecord> {
  const section = dnsSection(context.environment, 'route53');
  const sets = `${VERSION}/hostedzone/${encodeURIComponent(text(section, 'zone'))}/rrset`;
  return {
    async read() {
      // Sorted by name and type: those of one name stand together, and begin with what is asked for.
      const query = { name: `${plainName(name)}.`, maxitems: '100' };
      const answer = await askRoute53(section, context, { method: 'GET', path: sets, query });
      return mapsIn(mapAt(answer, 'ResourceRecordSets'), 'ResourceRecordSet')
        .filter((set) => plainName(optionalText(set, 'Name') ?? '') === plainName(name))
        .filter((set) => LEADING.has(optionalText(set, 'Type') ?? ''))
        .flatMap(toRecords);
    },
    async write(wanted, before) {
      // Another type is another record: it goes in the same breath, so that the name is never without one.
      const gone =
        before !== undefined && before.type !== wanted.type ? [change('DELETE', name, before)] : [];
      const changes = [...gone, change('UPSERT', name, wanted)].join('');
      const answer = await askRoute53(section, context, {
        method: 'POST',
        path: `${sets}/`,
        body: `<?xml version="1.0" encoding="UTF-8"?><ChangeResourceRecordSetsRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ChangeBatch><Changes>${changes}</Changes></ChangeBatch></ChangeResourceRecordSetsRequest>`,
      });
      await untilInSync(section, context, answer);
    },
  };
}

const change = (action: string, name: string, { type, content, ttl }: DnsRecord): string =>
  `<Change><Action>${action}</Action><ResourceRecordSet><Name>${escaped(plainName(name))}.</Name><Type>${type}</Type><TTL>${String(ttl)}</TTL><ResourceRecords><ResourceRecord><Value>${escaped(content)}</Value></ResourceRecord></ResourceRecords></ResourceRecordSet></Change>`;

function toRecords(set: ValueMap): readonly DnsRecord[] {
  const type = optionalText(set, 'Type') ?? '';
  const ttl = Number(optionalText(set, 'TTL') ?? '60');
  const values = mapsIn(mapAt(set, 'ResourceRecords'), 'ResourceRecord').map((record) =>
    optionalText(record, 'Value'),
  );
  // An alias has no TTL and no values of its own.
  const alias = optionalText(mapAt(set, 'AliasTarget'), 'DNSName');
  return [...values, alias].filter((value) => value !== undefined).map((content) => ({ type, content, ttl }));
}

function mapsIn(map: ValueMap, key: string): readonly ValueMap[] {
  const list = map[key];
  return list !== undefined && isValueList(list) ? list.filter(isValueMap) : [];
}

/** Resolves when all name servers of Route 53 give the new answer. */
async function untilInSync(section: ValueMap, context: StepContext, answer: ValueMap): Promise<void> {
  const id = optionalText(mapAt(answer, 'ChangeInfo'), 'Id');
  if (id === undefined) {
    throw new StepError('Route 53 took the change and does not name it', {
      code: 'badAnswer',
      changed: 'maybe',
    });
  }
  const path = `${VERSION}/change/${encodeURIComponent(id.replace(/^\/change\//, ''))}`;
  await poll(context, {
    reason: 'Route 53 tells its name servers',
    read: () => askRoute53(section, context, { method: 'GET', path }),
    done: (now) => mapAt(now, 'ChangeInfo')['Status'] === 'INSYNC',
  });
}
