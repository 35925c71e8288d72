import { createHash, randomBytes, randomInt } from 'node:crypto';

/** Somebody who may sign requests. Buckets belong to the account, not to the key. */
export interface Account {
  /** Twelve digits. */
  readonly id: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Demanded with every request, where the credentials are temporary. */
  readonly sessionToken?: string;
  /** Until when they are good. */
  readonly expires?: Date;
  /** Nobody is let in with this key any more. */
  readonly revoked?: true;
  /** Who it is, where that is not a user. */
  readonly arn?: string;
}

/** What a role demands of who assumes it. */
export interface Role {
  readonly externalId?: string;
  readonly mfaCode?: string;
}

export const DEFAULT_ACCOUNT: Account = {
  id: '123456789012',
  accessKeyId: 'AKIASANDBOX000000001',
  secretAccessKey: 'a secret key of the sandbox',
};

/** One that nobody else has. */
export const newAccount = (): Account => ({
  id: String(randomInt(100_000_000_000, 281_474_976_710_655)).slice(0, 12),
  accessKeyId: `AKIA${randomBytes(8).toString('hex').toUpperCase()}`,
  secretAccessKey: randomBytes(30).toString('base64url'),
});

/** The account as S3 names owners: 64 hexadecimal digits. */
export const canonicalId = (account: string): string => createHash('sha256').update(account).digest('hex');
