import { createHash } from 'node:crypto';
import { ROWS } from './rows.ts';
import { newAccount } from '../s3/accounts.ts';
import type { Bucket } from '../s3/bucket.ts';
import { replicationTo } from '../s3/replication.ts';
import { S3Service } from '../s3/service.ts';
import { putDump } from '../s3/dump.ts';
import { putBytes } from '../s3/state.ts';
import { document, element } from '../s3/xml.ts';

export const HOME_REGION = 'us-east-1';
const REPLICA_REGION = 'us-west-2';

const VIDEO_BYTES = 2048;

/** A dump of PeakOps's own every day; the oldest first. */
export const DUMP_AGES_H: readonly number[] = [78, 54, 30, 6];
/** The one of which Render also has an export. */
export const EXPORT_AGE_H = 54;

/** Where the dumps are, in the bucket `dumps`. */
export const DUMPS_PREFIX = 'peakops-main/';

/** The buckets of PeakOps, by their names in the environment. */
export const BUCKETS = {
  videos: { name: 'peakops-videos', region: HOME_REGION },
  videosReplica: { name: 'peakops-videos-replica', region: REPLICA_REGION },
  /** Empty, for trying things out. */
  test: { name: 'peakops-test', region: HOME_REGION },
  dumps: { name: 'peakops-dumps', region: HOME_REGION },
} as const;

/** The S3 side of a world: the service with the buckets of PeakOps, set up as its procedures ask for. */
export class Storage {
  readonly service: S3Service;
  readonly #seeded: Promise<void>;

  private constructor(service: S3Service) {
    this.service = service;
    const videos = makeBuckets(service);
    this.#seeded = seed(service, videos);
    // Who waits for it is told; until then, and when the world ends before, nobody is.
    this.#seeded.catch(() => undefined);
  }

  /** Starts it with an account and keys of its own. The videos are written meanwhile: see `ready`. */
  static async start(folder: string, log: (line: string) => void): Promise<Storage> {
    return new Storage(await S3Service.start({ folder, accounts: [newAccount()], log }));
  }

  /** Resolves when the videos that the database names are there. */
  async ready(): Promise<void> {
    await this.#seeded;
  }

  /** What the application's services are told: the names that Django's storages have. */
  get variables(): Readonly<Record<string, string>> {
    const { account, url } = this.service;
    return {
      AWS_STORAGE_BUCKET_NAME: BUCKETS.videos.name,
      AWS_S3_REGION_NAME: BUCKETS.videos.region,
      AWS_S3_ENDPOINT_URL: url,
      AWS_ACCESS_KEY_ID: account.accessKeyId,
      AWS_SECRET_ACCESS_KEY: account.secretAccessKey,
    };
  }

  /** The bucket with this name in the environment, as long as it exists. */
  bucket(name: string): Bucket | undefined {
    const known = Object.entries(BUCKETS).find(([key]) => key === name);
    return known === undefined ? undefined : this.service.buckets.get(known[1].name);
  }

  /** The ETag of what a bucket holds under a key now; undefined when it holds nothing there, or is gone. */
  digestAt(bucketName: string, key: string): string | undefined {
    const version = this.service.buckets.get(bucketName)?.current(key);
    return version?.type === 'object' ? version.etag : undefined;
  }

  /** Puts a dump where the application's own backups go, as if it had been written then. */
  async addDump(body: Buffer, writtenAt: Date): Promise<void> {
    await putDump(this.service.state, BUCKETS.dumps.name, { prefix: DUMPS_PREFIX, body, writtenAt });
  }

  async close(): Promise<void> {
    await this.service.close();
  }
}

/** Versioned, with old versions that end after a year, and the videos replicated to another region. */
function makeBuckets(service: S3Service): Bucket {
  const tidy = document('LifecycleConfiguration', [
    element('Rule', [
      element('ID', 'ArchiveOldVersions'),
      element('Status', 'Enabled'),
      element('Filter', [element('Prefix', '')]),
      element('NoncurrentVersionTransition', [
        element('NoncurrentDays', 30),
        element('StorageClass', 'GLACIER'),
      ]),
      element('NoncurrentVersionExpiration', [element('NoncurrentDays', 365)]),
    ]),
  ]);
  const buckets = Object.values(BUCKETS).map(({ name, region }) => {
    const bucket = service.createBucket(name, region);
    bucket.versioning = 'Enabled';
    bucket.settings.set('lifecycle', tidy);
    return bucket;
  });
  const videos = buckets.find(({ name }) => name === BUCKETS.videos.name);
  if (videos === undefined) throw new Error('there is no bucket for the videos');
  const by = { account: service.account.id, role: 'peakops-replication', rule: 'videos' };
  videos.settings.set('replication', replicationTo(BUCKETS.videosReplica.name, by));
  videos.settings.set(
    'cors',
    document('CORSConfiguration', [
      element('CORSRule', [
        element('AllowedMethod', 'GET'),
        element('AllowedMethod', 'PUT'),
        element('AllowedOrigin', 'https://peakops.test'),
        element('AllowedHeader', '*'),
      ]),
    ]),
  );
  return videos;
}

/** An object for each row that the table `videos` begins with. */
async function seed(service: S3Service, videos: Bucket): Promise<void> {
  const { state } = service;
  await Promise.all(
    Array.from({ length: ROWS.videos }, async (_, index) => {
      const number = index + 1;
      const digest = createHash('md5')
        .update(`video${String(number)}`)
        .digest('hex');
      const body = Buffer.from(digest.repeat(VIDEO_BYTES / digest.length));
      await putBytes(state, videos, {
        key: `uploads/${String(number * 10)}/${digest}.mp4`,
        ...{ body, type: 'video/mp4' },
      });
    }),
  );
}
