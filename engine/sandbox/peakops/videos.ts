import { BucketClient } from '../s3/client.ts';

/** Where the application keeps its videos: the bucket that its variables name; undefined when they name none. */
export function videosOf(environment: ReadonlyMap<string, string>): BucketClient | undefined {
  const variable = (name: string): string => environment.get(name) ?? '';
  const bucket = variable('AWS_STORAGE_BUCKET_NAME');
  if (bucket === '') return undefined;
  return new BucketClient({
    bucket,
    endpoint: variable('AWS_S3_ENDPOINT_URL'),
    region: variable('AWS_S3_REGION_NAME'),
    accessKeyId: variable('AWS_ACCESS_KEY_ID'),
    secretAccessKey: variable('AWS_SECRET_ACCESS_KEY'),
  });
}
