import { writeJson } from '../../../base/json-text.ts';
import type { Value } from '../../../base/value.ts';
import { isValueList, isValueMap } from '../../../base/value.ts';
import { isEmpty } from './meaning.ts';
import type { SettingName } from './names.ts';
import { ruleName } from './rules.ts';

interface Commands {
  readonly put: string;
  /** Like the one that writes it, unless it is said. */
  readonly get?: string;
  readonly option: string;
  /** Absent where nothing takes it away. */
  readonly remove?: string;
}

/** Of `aws s3api`. */
const COMMANDS: Readonly<Record<SettingName, Commands>> = {
  versioning: { put: 'put-bucket-versioning', option: '--versioning-configuration' },
  encryption: {
    put: 'put-bucket-encryption',
    option: '--server-side-encryption-configuration',
    remove: 'delete-bucket-encryption',
  },
  ownership: {
    put: 'put-bucket-ownership-controls',
    option: '--ownership-controls',
    remove: 'delete-bucket-ownership-controls',
  },
  publicAccessBlock: {
    put: 'put-public-access-block',
    option: '--public-access-block-configuration',
    remove: 'delete-public-access-block',
  },
  policy: { put: 'put-bucket-policy', option: '--policy', remove: 'delete-bucket-policy' },
  cors: { put: 'put-bucket-cors', option: '--cors-configuration', remove: 'delete-bucket-cors' },
  tags: { put: 'put-bucket-tagging', option: '--tagging', remove: 'delete-bucket-tagging' },
  lifecycle: {
    put: 'put-bucket-lifecycle-configuration',
    option: '--lifecycle-configuration',
    remove: 'delete-bucket-lifecycle',
  },
  transitionDefaultMinimumObjectSize: {
    put: 'put-bucket-lifecycle-configuration',
    option: '--transition-default-minimum-object-size',
  },
  intelligentTiering: {
    put: 'put-bucket-intelligent-tiering-configuration',
    get: 'list-bucket-intelligent-tiering-configurations',
    option: '--intelligent-tiering-configuration',
    remove: 'delete-bucket-intelligent-tiering-configuration',
  },
  objectLock: { put: 'put-object-lock-configuration', option: '--object-lock-configuration' },
  notifications: {
    put: 'put-bucket-notification-configuration',
    option: '--notification-configuration',
  },
  logging: { put: 'put-bucket-logging', option: '--bucket-logging-status' },
  acceleration: {
    put: 'put-bucket-accelerate-configuration',
    option: '--accelerate-configuration',
  },
  website: {
    put: 'put-bucket-website',
    option: '--website-configuration',
    remove: 'delete-bucket-website',
  },
  requestPayment: {
    put: 'put-bucket-request-payment',
    option: '--request-payment-configuration',
  },
  replication: {
    put: 'put-bucket-replication',
    option: '--replication-configuration',
    remove: 'delete-bucket-replication',
  },
};

/** Words for `aws s3api` that show a setting. */
export function readWords(name: SettingName): readonly string[] {
  const { put, get = put.replace(/^put-/, 'get-') } = COMMANDS[name];
  return [get];
}

/** Words for `aws s3api` that set it, a list for each command, or that take it away where nothing is to be set. */
export function writeWords(name: SettingName, value: Value): readonly (readonly string[])[] {
  const { put, option, remove } = COMMANDS[name];
  if (name === 'intelligentTiering') {
    const configurations = isValueList(value) ? value.filter(isValueMap) : [];
    if (configurations.length === 0) return [readWords(name), [remove ?? '', '--id', 'ID']];
    return configurations.map((each) => [put, '--id', ruleName(name, each) ?? '', option, writeJson(each)]);
  }
  // It is said with the rules, which have to be said anew.
  if (name === 'transitionDefaultMinimumObjectSize' && typeof value === 'string')
    return [readWords(name), [put, option, value, '--lifecycle-configuration', 'RULES']];
  if (remove !== undefined && isEmpty(value)) return [[remove]];
  return [[put, option, writeJson(cliShape(name, value))]];
}

function cliShape(name: SettingName, value: Value): Value {
  switch (name) {
    case 'versioning':
    case 'acceleration':
      return { Status: value };
    case 'requestPayment':
      return { Payer: value };
    case 'ownership':
      return { Rules: [{ ObjectOwnership: value }] };
    case 'logging':
      return isEmpty(value) ? {} : { LoggingEnabled: value };
    case 'tags':
      return {
        TagSet: Object.entries(isValueMap(value) ? value : {}).map(([Key, Value]) => ({ Key, Value })),
      };
    case 'cors':
      return { CORSRules: value };
    case 'encryption':
    case 'lifecycle':
      return { Rules: value };
    default:
      return value;
  }
}
