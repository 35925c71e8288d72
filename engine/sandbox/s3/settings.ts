import type { Bucket } from './bucket.ts';
import type { Call, Operation, Reply } from './call.ts';
import type { ErrorCode } from './errors.ts';
import { S3Error } from './errors.ts';
import { checkLifecycle } from './lifecycle.ts';
import { destinationOf } from './replication.ts';
import type { State } from './state.ts';
import { tagsOfDocument } from './tags.ts';
import type { Element } from './xml.ts';
import { childOf, childrenOf, document, element, parse, serialise, childText } from './xml.ts';

interface Setting {
  readonly root: string;
  /** What GET answers while nothing has been put, or after it was deleted. */
  readonly absent: ErrorCode | Element;
  /** Throws when S3 would refuse it; what is kept. */
  readonly check?: (configuration: Element, bucket: Bucket, state: State) => Element;
  readonly putStatus?: number;
}

const flags = (names: readonly string[]): readonly Element[] => names.map((name) => element(name, true));

const PUBLIC_ACCESS_FLAGS = [
  'BlockPublicAcls',
  'IgnorePublicAcls',
  'BlockPublicPolicy',
  'RestrictPublicBuckets',
];

/** S3 encrypts every object, whether a bucket says so or not. */
const DEFAULT_ENCRYPTION = document('ServerSideEncryptionConfiguration', [
  element('Rule', [
    element('ApplyServerSideEncryptionByDefault', [element('SSEAlgorithm', 'AES256')]),
    element('BucketKeyEnabled', false),
  ]),
]);

/** What every new bucket has: nothing public, and no ACLs. */
export const NEW_BUCKET: Readonly<Record<string, Element>> = {
  publicAccessBlock: document('PublicAccessBlockConfiguration', flags(PUBLIC_ACCESS_FLAGS)),
  ownershipControls: document('OwnershipControls', [
    element('Rule', [element('ObjectOwnership', 'BucketOwnerEnforced')]),
  ]),
};

/** By the subresource that names them in a request. */
const SETTINGS: Readonly<Record<string, Setting>> = {
  lifecycle: {
    root: 'LifecycleConfiguration',
    absent: 'NoSuchLifecycleConfiguration',
    check: checkLifecycle,
  },
  replication: {
    root: 'ReplicationConfiguration',
    absent: 'ReplicationConfigurationNotFoundError',
    check: checkReplication,
  },
  encryption: {
    root: 'ServerSideEncryptionConfiguration',
    absent: DEFAULT_ENCRYPTION,
    check: checkEncryption,
  },
  cors: { root: 'CORSConfiguration', absent: 'NoSuchCORSConfiguration', check: checkCors },
  publicAccessBlock: {
    root: 'PublicAccessBlockConfiguration',
    absent: 'NoSuchPublicAccessBlockConfiguration',
    check: checkPublicAccess,
  },
  ownershipControls: { root: 'OwnershipControls', absent: 'OwnershipControlsNotFoundError' },
  tagging: {
    root: 'Tagging',
    absent: 'NoSuchTagSet',
    putStatus: 204,
    check: (configuration) => {
      tagsOfDocument(serialise(configuration), 50);
      return configuration;
    },
  },
};

/** GET, PUT and DELETE of each setting, by `<method> <subresource>`. */
export const SETTING_OPERATIONS: Readonly<Record<string, Operation>> = Object.fromEntries(
  Object.entries(SETTINGS).flatMap(([name, setting]): [string, Operation][] => [
    [`GET ${name}`, ({ bucket }) => get(bucket, name, setting)],
    [`PUT ${name}`, (call) => put(call, name, setting)],
    [
      `DELETE ${name}`,
      ({ bucket }) => {
        bucket.settings.delete(name);
        return { status: 204 };
      },
    ],
  ]),
);

/** What is answered about things that the sandbox does not offer, as S3 does about a bucket that does not use them. */
export const UNUSED: Readonly<Record<string, ErrorCode | Element>> = {
  notification: document('NotificationConfiguration', ''),
  logging: document('BucketLoggingStatus', ''),
  accelerate: document('AccelerateConfiguration', ''),
  requestPayment: document('RequestPaymentConfiguration', [element('Payer', 'BucketOwner')]),
  website: 'NoSuchWebsiteConfiguration',
  'object-lock': 'ObjectLockConfigurationNotFoundError',
};

export function getUnused(name: string): Reply {
  const absent = UNUSED[name] ?? 'NotImplemented';
  if (typeof absent === 'string') throw new S3Error(absent);
  return { status: 200, body: absent };
}

function get(bucket: Bucket, name: string, { absent }: Setting): Reply {
  const found = bucket.settings.get(name);
  if (found !== undefined) return { status: 200, body: found };
  if (typeof absent === 'string') throw new S3Error(absent, { details: { BucketName: bucket.name } });
  return { status: 200, body: absent };
}

async function put(call: Call, name: string, setting: Setting): Promise<Reply> {
  const configuration = parse(await call.payload.text(), setting.root);
  const kept = setting.check?.(configuration, call.bucket, call.state) ?? configuration;
  call.bucket.settings.set(name, document(setting.root, kept.children));
  return { status: setting.putStatus ?? 200 };
}

function checkReplication(configuration: Element, bucket: Bucket, state: State): Element {
  if (bucket.versioning !== 'Enabled') {
    throw new S3Error('InvalidRequest', {
      message: "Versioning must be 'Enabled' on the bucket to apply a replication configuration",
    });
  }
  const rules = childrenOf(configuration, 'Rule');
  if (rules.length === 0 || childText(configuration, 'Role') === undefined) throw new S3Error('MalformedXML');
  for (const rule of rules) {
    if (childOf(rule, 'Destination') === undefined || childText(rule, 'Status') === undefined) {
      throw new S3Error('MalformedXML');
    }
    // The form with a filter has a priority, and says what becomes of delete markers.
    if (childOf(rule, 'Filter') !== undefined && childText(rule, 'Priority') === undefined) {
      throw new S3Error('InvalidRequest', {
        message:
          'Priority must be specified for this version of Cross Region Replication configuration schema',
      });
    }
    if (childOf(rule, 'Filter') !== undefined && childOf(rule, 'DeleteMarkerReplication') === undefined) {
      throw new S3Error('InvalidRequest', {
        message:
          'DeleteMarkerReplication must be specified for this version of Cross Region Replication configuration schema',
      });
    }
    const destination = state.buckets.get(destinationOf(rule));
    if (destination === undefined)
      throw new S3Error('InvalidRequest', { message: 'Destination bucket must exist.' });
    if (destination.versioning !== 'Enabled') {
      throw new S3Error('InvalidRequest', { message: 'Destination bucket must have versioning enabled.' });
    }
  }
  return configuration;
}

function checkEncryption(configuration: Element): Element {
  const rules = childrenOf(configuration, 'Rule');
  const defaults =
    rules[0] === undefined ? undefined : childOf(rules[0], 'ApplyServerSideEncryptionByDefault');
  const algorithm = defaults === undefined ? undefined : childText(defaults, 'SSEAlgorithm');
  if (rules.length !== 1 || !['AES256', 'aws:kms', 'aws:kms:dsse'].includes(algorithm ?? '')) {
    throw new S3Error('MalformedXML');
  }
  return configuration;
}

function checkCors(configuration: Element): Element {
  const rules = childrenOf(configuration, 'CORSRule');
  if (rules.length === 0 || rules.length > 100) throw new S3Error('MalformedXML');
  for (const rule of rules) {
    const methods = childrenOf(rule, 'AllowedMethod');
    if (methods.length === 0 || childrenOf(rule, 'AllowedOrigin').length === 0)
      throw new S3Error('MalformedXML');
    const unknown = methods.find(({ text }) => !['GET', 'PUT', 'POST', 'DELETE', 'HEAD'].includes(text));
    if (unknown !== undefined) {
      throw new S3Error('InvalidRequest', {
        message: `Found unsupported HTTP method in CORS config. Unsupported method is ${unknown.text}`,
      });
    }
  }
  return configuration;
}

/** A flag that is not mentioned is off. */
function checkPublicAccess(configuration: Element): Element {
  return {
    ...configuration,
    children: PUBLIC_ACCESS_FLAGS.map((name) => element(name, childText(configuration, name) === 'true')),
  };
}
