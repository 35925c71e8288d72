import { createHash } from 'node:crypto';

/** S3 demands a digest of some bodies, and MD5 is the one that every S3 service knows. */
export const md5Header = (body: string): Record<string, string> => ({
  'content-md5': createHash('md5').update(body).digest('base64'),
});
