/**
 * The settings of a bucket, in the order in which they must be written: replication and locks demand versioning, a
 * policy may be held off by the block, and the smallest size to be moved goes with a lifecycle.
 */
export const SETTING_NAMES = [
  'versioning',
  'encryption',
  'ownership',
  'publicAccessBlock',
  'policy',
  'cors',
  'tags',
  'lifecycle',
  'transitionDefaultMinimumObjectSize',
  'intelligentTiering',
  'objectLock',
  'notifications',
  'logging',
  'acceleration',
  'website',
  'requestPayment',
  'replication',
] as const;

export type SettingName = (typeof SETTING_NAMES)[number];
