import { describe, expect, test } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import { loadEnvironment } from '../../../engine/load/environment.ts';
import type { Environment } from '../../../engine/model/environment.ts';
import type { WorldPlan } from '../../../engine/model/world.ts';
import type { World } from '../../../engine/sandbox/world.ts';
import { SourceFile } from '../../../engine/source/file.ts';
import { kindOf, stepRig } from '../../rig/step.ts';
import { desk, open, planOf } from '../parts-rig.ts';

const files = (): WorldPlan =>
  planOf(
    `
parts:
  files:
    uses: s3
    with:
      buckets:
        photos: { replica: photosCopy, seed: ./photos }
        drafts: { name: shop-drafts-2, region: eu-central-1 }
environment:
  aws: \${{ parts.files.aws }}
  buckets: \${{ parts.files.buckets }}
  values: { desk: { files: "\${{ parts.files.control }}", token: "\${{ desk.token }}" } }
`,
    { 'photos/a.jpg': 'one', 'photos/2026/b.jpg': 'two', 'photos/2026/c.txt': 'three' },
  );

/** Its environment, as a run reads it. */
async function environmentOf(world: World): Promise<Environment> {
  const { value, diagnostics } = await loadEnvironment(
    new SourceFile('sandbox.yaml', await world.environmentText()),
  );
  if (value === undefined) throw new Error(JSON.stringify(diagnostics));
  return value;
}

const bucketsOf = ({ data }: Environment): Readonly<Record<string, ValueMap>> =>
  data['buckets'] as Readonly<Record<string, ValueMap>>;

/** What a step sees of a bucket. */
async function listed(environment: Environment, name: string): Promise<ValueMap> {
  const bucket = { ...bucketsOf(environment)[name], $target: `buckets.${name}` };
  return (await kindOf('s3.list')).run({ bucket }, stepRig({ environment: environment.data }).context);
}

describe('a part of the kind s3', () => {
  test('makes two sections of an environment, of which steps know each bucket', async () => {
    const environment = await environmentOf(await open(files()));
    expect(bucketsOf(environment)).toMatchObject({
      photos: { name: 'photos', region: 'us-east-1' },
      photosCopy: { name: 'photos-copy', region: 'us-west-2' },
      drafts: { name: 'shop-drafts-2', region: 'eu-central-1' },
    });
    expect(await listed(environment, 'photos')).toMatchObject({
      count: 3,
      objects: [{ key: '2026/b.jpg', size: 3 }, { key: '2026/c.txt' }, { key: 'a.jpg' }],
    });
    expect(await listed(environment, 'drafts')).toMatchObject({ count: 0 });
  });

  test('is broken for real: what is deleted is gone, what was replicated is not', async () => {
    const world = await open(files());
    const { output } = await world.inject('s3.delete-bucket', { bucket: 'photos', replicationLag: '0s' });
    expect(output).toMatchObject({ bucket: 'photos', bucketName: 'photos', objects: 3, unreplicated: 0 });
    const environment = await environmentOf(world);
    await expect(listed(environment, 'photos')).rejects.toThrow(/photos/);
    expect(await listed(environment, 'photosCopy')).toMatchObject({ count: 3 });
  });

  test('refuses a key that was revoked as AWS does, until another is issued at the desk', async () => {
    const world = await open(files());
    const environment = await environmentOf(world);
    const { output } = await world.inject('credential.revoked', {}, 'files');
    expect(output).toMatchObject({ error: 'InvalidAccessKeyId' });
    await expect(listed(environment, 'photos')).rejects.toThrow(
      /InvalidAccessKeyId|does not exist in our records/,
    );
    expect((await desk(world, 'files', '/issue-key')).body).not.toHaveProperty('keyRevoked');
    expect(await listed(environment, 'photos')).toMatchObject({ count: 3 });
    // Whoever lost the answer asks again, and has the same key.
    await desk(world, 'files', '/issue-key');
    expect(await listed(environment, 'photos')).toMatchObject({ count: 3 });
  });

  test('breaks nothing where it has no such bucket', async () => {
    const world = await open(files());
    await expect(world.inject('s3.delete-objects', { bucket: 'videos' })).rejects.toThrow(
      /there is no bucket videos/,
    );
  });
});
