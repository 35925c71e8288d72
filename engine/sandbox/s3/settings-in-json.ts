import type { Json, JsonObject } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';
import type { Bucket } from './bucket.ts';
import { S3Error } from './errors.ts';
import { setPolicy } from './policy.ts';
import { setSetting } from './settings.ts';
import type { State } from './state.ts';
import type { Element } from './xml.ts';
import { element } from './xml.ts';

interface Form {
  readonly subresource: string;
  /** What of its document the value is; all of it where that is not said. */
  readonly inside?: (value: Json) => JsonObject;
}

/** Settings by the names that steps give them, each as the AWS CLI writes it. In an order that works. */
const FORMS: Readonly<Record<string, Form>> = {
  encryption: { subresource: 'encryption', inside: (rules) => ({ Rules: rules }) },
  ownership: {
    subresource: 'ownershipControls',
    inside: (ownership) => ({ Rules: [{ ObjectOwnership: ownership }] }),
  },
  publicAccessBlock: { subresource: 'publicAccessBlock' },
  cors: { subresource: 'cors', inside: (rules) => ({ CORSRules: rules }) },
  tags: {
    subresource: 'tagging',
    inside: (tags) => ({
      TagSet: {
        Tags: Object.entries(isJsonObject(tags) ? tags : {}).map(([Key, Value]) => ({ Key, Value })),
      },
    }),
  },
  lifecycle: { subresource: 'lifecycle', inside: (rules) => ({ Rules: rules }) },
  objectLock: { subresource: 'object-lock' },
  logging: { subresource: 'logging', inside: (target) => ({ LoggingEnabled: target }) },
  replication: { subresource: 'replication' },
};

/** Sets a bucket to what is given, as its owner would. What is empty is taken away. Throws in words. */
export function setAsJson(state: State, bucket: Bucket, settings: JsonObject): void {
  const { policy } = settings;
  if (policy !== undefined && isEmpty(policy)) bucket.policy = undefined;
  else if (policy !== undefined) toldOf(bucket, 'policy', () => setPolicy(bucket, JSON.stringify(policy)));
  for (const [name, { subresource, inside }] of Object.entries(FORMS)) {
    const value = settings[name];
    if (value === undefined) continue;
    if (isEmpty(value)) bucket.settings.delete(subresource);
    else {
      const { children } = elementOf(subresource, inside?.(value) ?? value);
      toldOf(bucket, name, () => setSetting({ state, bucket }, subresource, children));
    }
  }
}

function toldOf(bucket: Bucket, name: string, set: () => void): void {
  try {
    set();
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    const { code, message } = error;
    throw new Error(`S3 refuses the ${name} of the bucket ${bucket.name}: ${code}: ${message}`, {
      cause: error,
    });
  }
}

const isEmpty = (value: Json): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;

/** An object as a document of S3 has it: a list is its items, each by the name of one. */
function elementOf(name: string, value: Json): Element {
  if (!isJsonObject(value)) return element(name, typeof value === 'string' ? value : JSON.stringify(value));
  const children = Object.entries(value).flatMap(([key, member]) =>
    Array.isArray(member)
      ? member.map((item: Json) => elementOf(key.replace(/s$/, ''), item))
      : [elementOf(key, member)],
  );
  return element(name, children);
}
