import { resolve } from 'node:path';
import type { JsonObject } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';
import type { Report } from '../report.ts';
import { entries, entry, items, member, stringOf, toJson } from '../syntax/tree.ts';
import type { Tree } from '../syntax/tree.ts';
import { baseSource } from './base-checks.ts';
import { bucketSource } from './bucket-checks.ts';
import type { BackupSource, Limits } from './check.ts';
import { dumpSource } from './dump-checks.ts';
import { dumpInBucket, exportOfRender } from './fetched-dump.ts';
import { number, text } from './members.ts';

/** What a file tells of: each has checks of its own. */
const SOURCES = ['dump', 'base', 'bucket', 'export'] as const;

/** The backup that a file tells of, as its proof needs it. */
export function sourceOf(tree: Tree, limits: Limits, report: Report, folder: string): BackupSource {
  const said = SOURCES.flatMap((name) => entry(tree, name) ?? []);
  if (said.length !== 1) {
    report.error(
      'DB165',
      (said[1]?.value ?? tree).span,
      `This file tells of ${said.length} backups, and must of one`,
      { hint: 'Give its dump, base, bucket or export; each backup has a file of its own.' },
    );
  }
  const [only] = said;
  if (only === undefined || said.length > 1) return dumpSource({ from: folder }, limits);
  const { key, value } = only;
  const application = member(member(tree, 'checks'), 'application');
  switch (key as (typeof SOURCES)[number]) {
    case 'dump':
      return dumpOf(value, limits, report, folder);
    case 'base':
      return baseOf(value, limits, report, folder);
    case 'bucket':
      return bucketSource(
        {
          copy: json(value, 'copy') ?? {},
          original: json(value, 'original'),
          prefix: text(value, 'prefix'),
          originalPrefix: text(value, 'originalPrefix'),
          sample: number(value, 'sample'),
          within: text(value, 'within'),
          application: application === undefined ? undefined : { prefix: text(application, 'prefix') },
        },
        limits,
      );
    case 'export': {
      const database = text(value, 'database') ?? '';
      const name = text(value, 'name');
      const from = exportOfRender({ database, name, key: json(value, 'key') ?? {}, api: text(value, 'api') });
      return dumpSource({ from, database: name }, limits);
    }
  }
}

function dumpOf(tree: Tree, limits: Limits, report: Report, folder: string): BackupSource {
  const [path, bucket, prefix] = [text(tree, 'path'), json(tree, 'bucket'), entry(tree, 'prefix')];
  const facts = { files: text(tree, 'files'), database: text(tree, 'database') };
  if ((path === undefined) === (bucket === undefined)) {
    report.error('DB165', tree.span, 'Dumps lie on this machine or in a bucket: one of the two', {
      hint: 'Give path or bucket.',
    });
  }
  if (path !== undefined && prefix !== undefined) {
    report.error('DB169', prefix.keySpan, '"prefix" is of dumps in a bucket, and these lie on this machine', {
      hint: 'Give the folder as path, and what their names look like as files.',
    });
  }
  if (bucket === undefined) return dumpSource({ ...facts, from: resolve(folder, path ?? '.') }, limits);
  const from = dumpInBucket({ bucket, prefix: stringOf(prefix?.value), files: facts.files });
  return dumpSource({ ...facts, from }, limits);
}

function baseOf(tree: Tree, limits: Limits, report: Report, folder: string): BackupSource {
  const place = (name: string): string | undefined => {
    const path = text(tree, name);
    return path === undefined ? undefined : resolve(folder, path);
  };
  const restore = items(member(tree, 'restore')).map((argument) => stringOf(argument) ?? '');
  const path = place('path');
  if ((path === undefined) === (restore.length === 0)) {
    report.error(
      'DB165',
      tree.span,
      'A base backup lies somewhere, or a program restores it: one of the two',
      { hint: 'Give path or restore.' },
    );
  }
  return baseSource(
    {
      path,
      wal: place('wal'),
      restore: restore.length === 0 ? undefined : restore,
      database: text(tree, 'database') ?? 'postgres',
      superuser: text(tree, 'superuser'),
    },
    limits,
  );
}

/** Whether it is a bucket whose objects are the backup; all others become a database. */
export const isBucket = (tree: Tree): boolean => member(tree, 'bucket') !== undefined;

/** What of the file says where a backup lies in the words of an environment; undefined where it lies on this machine. */
export const placeOfBackup = (tree: Tree): Tree | undefined =>
  member(tree, 'bucket') ?? member(tree, 'export') ?? member(member(tree, 'dump'), 'bucket');

const OF_DATABASES: readonly string[] = ['warnings', 'tables', 'queries'];

/** A check that nothing could be asked of would be left out, and nobody would miss it. */
export function checkFitting(tree: Tree, report: Report): void {
  const checks = member(tree, 'checks');
  const ofBucket = isBucket(tree);
  for (const { key, keySpan } of ofBucket ? entries(checks) : []) {
    if (!OF_DATABASES.includes(key)) continue;
    report.error('DB169', keySpan, `"${key}" is asked of a database, and this backup is a bucket`, {
      hint: 'Of a bucket can be asked: age, size, since, canaries and application.',
    });
  }
  const prefix = entry(member(checks, 'application'), 'prefix');
  if (!ofBucket && prefix !== undefined) {
    report.error(
      'DB169',
      prefix.keySpan,
      '"prefix" is of objects in a bucket, and this backup is a database',
      {
        hint: 'Leave it out: the application is started on all of the copy.',
      },
    );
  }
  const [wanted, wrong] = ofBucket ? [['key'], ['table', 'column', 'where']] : [['table', 'column'], ['key']];
  for (const { key, keySpan, value } of entries(member(checks, 'canaries'))) {
    const isFitting =
      wanted.every((name) => member(value, name) !== undefined) &&
      wrong.every((name) => member(value, name) === undefined);
    if (isFitting) continue;
    const place = ofBucket ? 'an object: its key' : 'a value of a table: its table and column';
    report.error('DB169', keySpan, `The canary ${key} of this backup is ${place}`, {
      hint: `Give ${wanted.join(' and ')}, and no ${wrong.join(', ')}.`,
    });
  }
}

function json(tree: Tree, name: string): JsonObject | undefined {
  const found = member(tree, name);
  const value = found === undefined ? undefined : toJson(found);
  return isJsonObject(value) ? value : undefined;
}
