import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Backup } from '../../model/backup.ts';
import { proofOf } from '../../model/backup.ts';
import { OUTSIDE_OF_A_RUN } from '../../model/names.ts';
import { SourceFile } from '../../source/file.ts';
import type { Span } from '../../source/file.ts';
import { checkFormats } from '../formats.ts';
import { kindsOf } from '../kinds-of.ts';
import type { Loaded } from '../playbook.ts';
import { Report } from '../report.ts';
import { expressionAt } from '../resolve/expressions.ts';
import { unitOf } from '../resolve/parts.ts';
import { MAIN, at } from '../resolve/unit.ts';
import type { Unit } from '../resolve/unit.ts';
import { fileSchema, kindSchema } from '../stepschema.ts';
import { entries, member, stringOf, toJson } from '../syntax/tree.ts';
import type { Tree } from '../syntax/tree.ts';
import { parseYaml } from '../syntax/yaml.ts';
import { reportProblems } from '../validate.ts';
import { loadWorld } from '../world.ts';
import type { ApplicationFacts } from './application.ts';
import { number, text } from './members.ts';
import { objectCanary } from './bucket-checks.ts';
import type { BackupCheck } from './check.ts';
import { canaryCheck, contentsCheck, queryCheck, tableChecks } from './content-checks.ts';
import { playbookText, worldText } from './proof.ts';
import { checkFitting, isBucket, placeOfBackup, sourceOf } from './source.ts';

/** Reads the file of a backup, and makes its proof of it. */
export async function loadBackup(file: SourceFile): Promise<Loaded<Backup>> {
  const report = new Report();
  const tree = parseYaml(file, report);
  if (tree === undefined) return { value: undefined, diagnostics: report.diagnostics, sources: [file] };
  const { schema, validate } = fileSchema('backup');
  reportProblems(validate(toJson(tree)), tree, schema, report);
  checkFormats(tree, schema, report);
  checkOwnName(tree, file, report);
  const kinds = await kindsOf(tree, undefined);
  const unit = unitOf(tree, { file, report, ...kinds.known, calls: new Map(), environment: undefined });
  const value = report.failed ? undefined : build(tree, unit, resolve(dirname(file.path)));
  return { value: report.failed ? undefined : value, diagnostics: report.diagnostics, sources: [file] };
}

function checkOwnName(tree: Tree, file: SourceFile, report: Report): void {
  const name = member(tree, 'name');
  const written = stringOf(name);
  const known = basename(file.path).replace(/\.ya?ml$/, '');
  if (name === undefined || written === undefined || written === known) return;
  report.error('DB161', name.span, `This backup is called "${written}", and its file "${known}"`, {
    hint: `Write name: ${known}, or give the file the name ${written}.yaml.`,
  });
}

function build(tree: Tree, unit: Unit, folder: string): Backup {
  const name = text(tree, 'name') ?? '';
  const title = text(tree, 'title') ?? name;
  const checks = member(tree, 'checks');
  const since = text(checks, 'since');
  const limits = {
    age: text(checks, 'age'),
    size: number(checks, 'size'),
    since,
    warnings: text(checks, 'warnings'),
  };
  const asked = member(checks, 'application');
  const ofBucket = isBucket(tree);
  checkFitting(tree, unit.report);
  const facts = {
    name,
    title,
    owner: text(tree, 'owner'),
    source: sourceOf(tree, limits, unit.report, folder),
    contents: [
      ...(ofBucket ? [] : [contentsCheck(since)]),
      ...entries(member(checks, 'tables')).flatMap(({ key, value }) => tableChecks(table(key, value), since)),
      ...entries(member(checks, 'canaries')).map(({ key, value }) => canary(key, value, unit, folder)),
      ...entries(member(checks, 'queries')).map(({ key, value }) => query(key, value, unit)),
    ],
    application: asked === undefined ? undefined : application(asked, unit),
  };
  const worldOf = (made: Parameters<typeof worldText>[0]): SourceFile =>
    new SourceFile(join(folder, `${proofOf(name)}.yaml`), worldText(made));
  const world = worldOf(facts);
  const place = placeOfBackup(tree);
  const isSaid =
    place === undefined ||
    checkWorld(worldOf({ ...facts, application: undefined }), unit.report, {
      ...{ code: 'DB170', span: place.span },
      words: 'Where this backup lies is not said as an environment says it',
    });
  if (asked !== undefined && isSaid) {
    checkWorld(world, unit.report, {
      ...{ code: 'DB164', span: asked.span },
      words: 'The application cannot be started so',
    });
  }
  return {
    name,
    title,
    file: unit.file,
    places: facts.source.places,
    playbook: new SourceFile(`${proofOf(name)}.yaml`, playbookText(facts)),
    world,
  };
}

const table = (name: string, tree: Tree) => {
  const newest = member(tree, 'newest');
  return {
    table: name,
    rows: number(tree, 'rows'),
    share: number(tree, 'share'),
    ...(newest !== undefined && {
      newest: { column: text(newest, 'column') ?? '', within: text(newest, 'within') ?? '' },
    }),
    checksum: text(tree, 'checksum'),
  };
};

function query(name: string, tree: Tree, unit: Unit): BackupCheck {
  checkCondition(member(tree, 'that'), 'sql.query', unit);
  return queryCheck({
    name,
    title: text(tree, 'title'),
    sql: text(tree, 'sql') ?? '',
    that: text(tree, 'that') ?? '',
    else: text(tree, 'else'),
    broken: text(tree, 'broken'),
  });
}

/** What was written is known by its digest, which alone goes on. */
function canary(name: string, tree: Tree, { report }: Unit, folder: string): BackupCheck {
  const written = ['text', 'file', 'sha256'].filter((key) => member(tree, key) !== undefined);
  if (written.length !== 1) {
    report.error(
      'DB162',
      tree.span,
      `The canary ${name} is said in ${written.length} ways, and must be in one`,
      {
        hint: 'Give what was written as text, as file or as sha256.',
      },
    );
  }
  const sha256 = text(tree, 'sha256') ?? digestOf(text(tree, 'text') ?? contentOf(tree, report, folder));
  const key = text(tree, 'key');
  if (key !== undefined) return objectCanary({ name, key, sha256 });
  return canaryCheck({
    name,
    table: text(tree, 'table') ?? '',
    column: text(tree, 'column') ?? '',
    where: text(tree, 'where'),
    sha256,
  });
}

function contentOf(tree: Tree, report: Report, folder: string): Buffer {
  const file = member(tree, 'file');
  const path = resolve(folder, stringOf(file) ?? '');
  try {
    return file === undefined ? Buffer.alloc(0) : readFileSync(path);
  } catch {
    report.error(
      'DB163',
      (file ?? tree).span,
      `There is no file ${stringOf(file) ?? ''} that could be read`,
      {
        hint: `It is looked for from the folder of this file: ${path}.`,
      },
    );
    return Buffer.alloc(0);
  }
}

const digestOf = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');

function application(tree: Tree, unit: Unit): ApplicationFacts {
  const env = member(tree, 'env');
  const command = member(tree, 'command');
  const ready = member(tree, 'ready');
  return {
    command: command === undefined ? [] : toJson(command),
    cwd: text(tree, 'cwd'),
    env: env === undefined ? undefined : toJson(env),
    readyPath: text(ready, 'path'),
    readyTimeout: text(ready, 'timeout'),
    requests: entries(member(tree, 'requests')).map(({ key, value }) => {
      checkCondition(member(value, 'that'), 'http.request', unit);
      return {
        name: key,
        title: text(value, 'title'),
        path: text(value, 'path') ?? '/',
        that: text(value, 'that') ?? '',
      };
    }),
  };
}

/** A condition over what a kind gives. */
function checkCondition(tree: Tree | undefined, kind: string, unit: Unit): void {
  if (tree === undefined) return;
  const place = {
    ...at({ index: 0, region: MAIN, conditions: [] }),
    everywhere: OUTSIDE_OF_A_RUN,
    names: new Set(['output'] as const),
    output: kindSchema('steps', kind)?.output,
  };
  expressionAt(tree, unit, place, 'condition');
}

/** What is wrong in the world of a proof is told of what it was made of: whoever reads that has not written the world. */
function checkWorld(
  world: SourceFile,
  report: Report,
  blamed: { readonly code: string; readonly span: Span; readonly words: string },
): boolean {
  const { diagnostics } = loadWorld(world);
  for (const { message, hint } of diagnostics) {
    report.error(blamed.code, blamed.span, `${blamed.words}: ${message}`, { hint });
  }
  return diagnostics.length === 0;
}
