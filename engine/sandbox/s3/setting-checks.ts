import { randomUUID } from 'node:crypto';
import type { Bucket } from './bucket.ts';
import { S3Error } from './errors.ts';
import { destinationOf } from './replication.ts';
import type { State } from './state.ts';
import type { Element } from './xml.ts';
import { childOf, childrenOf, childText, element } from './xml.ts';

// What S3 would refuse of a setting, and what it adds to it.

export const PUBLIC_ACCESS_FLAGS = [
  'BlockPublicAcls',
  'IgnorePublicAcls',
  'BlockPublicPolicy',
  'RestrictPublicBuckets',
];

export function checkReplication(configuration: Element, bucket: Bucket, state: State): Element {
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

export function checkEncryption(configuration: Element): Element {
  const rules = childrenOf(configuration, 'Rule');
  const defaults =
    rules[0] === undefined ? undefined : childOf(rules[0], 'ApplyServerSideEncryptionByDefault');
  const algorithm = defaults === undefined ? undefined : childText(defaults, 'SSEAlgorithm');
  if (rules.length !== 1 || !['AES256', 'aws:kms', 'aws:kms:dsse'].includes(algorithm ?? '')) {
    throw new S3Error('MalformedXML');
  }
  return configuration;
}

export function checkCors(configuration: Element): Element {
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
export function checkPublicAccess(configuration: Element): Element {
  return {
    ...configuration,
    children: PUBLIC_ACCESS_FLAGS.map((name) => element(name, childText(configuration, name) === 'true')),
  };
}

const TARGETS = ['Topic', 'Queue', 'CloudFunction'];

/** Each has a target and an event, and gets an id where it has none. Nobody is told of anything. */
export function checkNotification(configuration: Element): Element {
  const children = configuration.children.map((child) => {
    if (child.name === 'EventBridgeConfiguration') return child;
    const hasTarget = TARGETS.some((name) => childOf(child, name) !== undefined);
    if (!hasTarget || childOf(child, 'Event') === undefined) throw new S3Error('MalformedXML');
    const id = childText(child, 'Id');
    return id === undefined
      ? { ...child, children: [element('Id', randomUUID()), ...child.children] }
      : child;
  });
  return { ...configuration, children };
}

/** Logs go to a bucket of the same account; none are written here. */
export function checkLogging(configuration: Element, bucket: Bucket, state: State): Element {
  const logging = childOf(configuration, 'LoggingEnabled');
  if (logging === undefined) return configuration;
  if (childText(logging, 'TargetPrefix') === undefined) throw new S3Error('MalformedXML');
  const target = state.buckets.get(childText(logging, 'TargetBucket') ?? '');
  if (target?.owner !== bucket.owner) throw new S3Error('InvalidTargetBucketForLogging');
  return configuration;
}

/** A website answers, or sends everybody elsewhere. Nobody is answered here. */
export function checkWebsite(configuration: Element): Element {
  const [index, redirect] = ['IndexDocument', 'RedirectAllRequestsTo'].map((name) =>
    childOf(configuration, name),
  );
  if ((index === undefined) === (redirect === undefined)) throw new S3Error('MalformedXML');
  return configuration;
}

/** Nobody is asked to pay here. */
export function checkPayer(configuration: Element): Element {
  const payer = childText(configuration, 'Payer');
  if (payer !== 'BucketOwner' && payer !== 'Requester') throw new S3Error('MalformedXML');
  return configuration;
}

export function checkAcceleration(configuration: Element): Element {
  const status = childText(configuration, 'Status');
  if (status !== 'Enabled' && status !== 'Suspended') throw new S3Error('MalformedXML');
  return configuration;
}

/** Kept and returned; no version is locked by it. */
export function checkLock(configuration: Element, bucket: Bucket): Element {
  if (bucket.versioning !== 'Enabled') {
    throw new S3Error('InvalidBucketState', {
      message: "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
    });
  }
  if (childText(configuration, 'ObjectLockEnabled') !== 'Enabled') throw new S3Error('MalformedXML');
  const rule = childOf(configuration, 'Rule');
  if (rule === undefined) return configuration;
  const retention = childOf(rule, 'DefaultRetention');
  const mode = retention === undefined ? undefined : childText(retention, 'Mode');
  const times = retention?.children.filter(({ name }) => name === 'Days' || name === 'Years') ?? [];
  if ((mode !== 'GOVERNANCE' && mode !== 'COMPLIANCE') || times.length !== 1)
    throw new S3Error('MalformedXML');
  return configuration;
}
