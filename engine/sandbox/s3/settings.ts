import type { Bucket } from './bucket.ts';
import type { Call, Operation, Reply } from './call.ts';
import type { ErrorCode } from './errors.ts';
import { S3Error } from './errors.ts';
import { checkLifecycle } from './lifecycle.ts';
import {
  checkAcceleration,
  checkCors,
  checkEncryption,
  checkLock,
  checkLogging,
  checkNotification,
  checkPayer,
  checkPublicAccess,
  checkReplication,
  checkWebsite,
  PUBLIC_ACCESS_FLAGS,
} from './setting-checks.ts';
import type { State } from './state.ts';
import { tagsOfDocument } from './tags.ts';
import type { Element } from './xml.ts';
import { document, element, parse, serialise } from './xml.ts';

interface Setting {
  readonly root: string;
  /** What GET answers while nothing has been put, or after it was deleted. */
  readonly absent: ErrorCode | Element;
  /** Throws when S3 would refuse it; what is kept. */
  readonly check?: (configuration: Element, bucket: Bucket, state: State) => Element;
  readonly putStatus?: number;
  /** A header that goes with it, with the values that it has; the first where nobody says it. */
  readonly header?: { readonly name: string; readonly values: readonly string[] };
  /** There is no DELETE: it is put anew, empty or suspended, or never goes away. */
  readonly stays?: boolean;
}

const flags = (names: readonly string[]): readonly Element[] => names.map((name) => element(name, true));

/** S3 encrypts every object, whether a bucket says so or not, and takes no keys of customers unless it is told to. */
const DEFAULT_ENCRYPTION = document('ServerSideEncryptionConfiguration', [
  element('Rule', [
    element('ApplyServerSideEncryptionByDefault', [element('SSEAlgorithm', 'AES256')]),
    element('BucketKeyEnabled', false),
    element('BlockedEncryptionTypes', [element('EncryptionType', 'SSE-C')]),
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
    header: {
      name: 'x-amz-transition-default-minimum-object-size',
      values: ['all_storage_classes_128K', 'varies_by_storage_class'],
    },
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
  notification: {
    root: 'NotificationConfiguration',
    absent: document('NotificationConfiguration', ''),
    check: checkNotification,
    stays: true,
  },
  logging: {
    root: 'BucketLoggingStatus',
    absent: document('BucketLoggingStatus', ''),
    check: checkLogging,
    stays: true,
  },
  accelerate: {
    root: 'AccelerateConfiguration',
    absent: document('AccelerateConfiguration', ''),
    check: checkAcceleration,
    stays: true,
  },
  website: { root: 'WebsiteConfiguration', absent: 'NoSuchWebsiteConfiguration', check: checkWebsite },
  requestPayment: {
    root: 'RequestPaymentConfiguration',
    absent: document('RequestPaymentConfiguration', [element('Payer', 'BucketOwner')]),
    check: checkPayer,
    stays: true,
  },
  'object-lock': {
    root: 'ObjectLockConfiguration',
    absent: 'ObjectLockConfigurationNotFoundError',
    check: checkLock,
    stays: true,
  },
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

const remove =
  (name: string): Operation =>
  ({ bucket }) => {
    bucket.settings.delete(name);
    return { status: 204 };
  };

/** GET, PUT and DELETE of each setting, by `<method> <subresource>`. */
export const SETTING_OPERATIONS: Readonly<Record<string, Operation>> = Object.fromEntries(
  Object.entries(SETTINGS).flatMap(([name, setting]): [string, Operation][] => [
    [`GET ${name}`, ({ bucket }) => get(bucket, name, setting)],
    [`PUT ${name}`, (call) => put(call, name, setting)],
    ...(setting.stays === true ? [] : [[`DELETE ${name}`, remove(name)] satisfies [string, Operation]]),
  ]),
);

function get(bucket: Bucket, name: string, { absent, header }: Setting): Reply {
  const found = bucket.settings.get(name);
  const said = header === undefined ? undefined : bucket.settings.get(header.name)?.text;
  const headers = header === undefined || said === undefined ? {} : { [header.name]: said };
  if (found !== undefined) return { status: 200, headers, body: found };
  if (typeof absent === 'string') throw new S3Error(absent, { details: { BucketName: bucket.name } });
  return { status: 200, body: absent };
}

async function put(call: Call, name: string, setting: Setting): Promise<Reply> {
  const configuration = parse(await call.payload.text(), setting.root);
  const headers = headersOf(call.request.headers, setting);
  keep(call, name, configuration, headers);
  return { status: setting.putStatus ?? 200, headers };
}

/** Sets what the subresource `name` stands for. Throws where S3 would refuse it. */
export function setSetting(place: Place, name: string, children: readonly Element[]): void {
  const setting = SETTINGS[name];
  if (setting === undefined) throw new Error(`a bucket has no setting ${name}`);
  keep(place, name, document(setting.root, children), headersOf({}, setting));
}

type Place = Pick<Call, 'bucket' | 'state'>;

function keep(
  { bucket, state }: Place,
  name: string,
  configuration: Element,
  headers: Readonly<Record<string, string>>,
): void {
  const kept = SETTINGS[name]?.check?.(configuration, bucket, state) ?? configuration;
  for (const [header, value] of Object.entries(headers)) bucket.settings.set(header, element(header, value));
  bucket.settings.set(name, document(configuration.name, kept.children));
}

function headersOf(
  headers: Readonly<Record<string, string | undefined>>,
  { header }: Setting,
): Readonly<Record<string, string>> {
  if (header === undefined) return {};
  const said = headers[header.name] ?? header.values[0] ?? '';
  if (!header.values.includes(said)) throw new S3Error('InvalidRequest');
  return { [header.name]: said };
}
