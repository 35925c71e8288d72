import { S3Error } from './errors.ts';

const STORAGE_CLASSES = [
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER_IR',
  'GLACIER',
  'DEEP_ARCHIVE',
] as const;

export type StorageClass = (typeof STORAGE_CLASSES)[number];

/** Their objects cannot be read before a copy has been restored. */
export const isArchive = (storageClass: StorageClass): boolean =>
  storageClass === 'GLACIER' || storageClass === 'DEEP_ARCHIVE';

export function readStorageClass(name: string | undefined): StorageClass {
  if (name === undefined) return 'STANDARD';
  const known = STORAGE_CLASSES.find((candidate) => candidate === name);
  if (known === undefined)
    throw new S3Error('InvalidStorageClass', { details: { StorageClassRequested: name } });
  return known;
}
