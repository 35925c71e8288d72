import type { Value, ValueMap } from '../base/value.ts';
import { isValueMap } from '../base/value.ts';
import type { Environment, EnvironmentKind, TargetGroup } from '../model/environment.ts';
import { missingInFingerprint, TARGET_GROUPS } from '../model/environment.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import type { SourceFile, Span } from '../source/file.ts';
import { Report } from './report.ts';
import { entries, entry, member } from './syntax/tree.ts';
import type { Tree } from './syntax/tree.ts';
import { parseYaml } from './syntax/yaml.ts';

/** Members of a fingerprint by which a thing is known. The others (a region, a workspace) many things share. */
const KNOWN_BY: Readonly<Record<TargetGroup, readonly string[]>> = {
  services: ['renderId'],
  databases: ['systemIdentifier', 'renderId', 'host'],
  buckets: ['name'],
  hosts: ['hostKey'],
  redis: ['host'],
};

/** Warns of a fingerprint that does not tell its database from others. */
export function checkFingerprints(tree: Tree, environment: Environment, report: Report): void {
  for (const { target, group, span, print } of targetsIn(tree, environment)) {
    const missing = group === 'databases' && print !== undefined ? missingInFingerprint(target) : [];
    if (missing.length === 0) continue;
    report.warning(
      'DB131',
      span,
      'The fingerprint does not tell this database from others of its server, or from a copy of it',
      {
        hint: `Add ${missing.join(' and ')}: a drill writes to no database that it cannot tell from another.`,
      },
    );
  }
}

/** Reports what an environment shares with others of another kind: then a mistake in an address goes unnoticed. */
export function sharedFingerprints(
  environment: Environment,
  others: readonly Environment[],
): readonly Diagnostic[] {
  const report = new Report();
  const theirs = others
    .filter(({ kind }) => kind !== environment.kind)
    .flatMap((other) => printsOf(other).map((target) => ({ ...target, other })));
  for (const mine of printsOf(environment)) {
    for (const { other, ...their } of theirs) {
      if (mine.group !== their.group || !isSame(mine, their)) continue;
      report.error(
        'DB132',
        mine.span,
        `${mine.path} of ${named(environment)} cannot be told from ${their.path} of ${named(other)}`,
        {
          hint: HINTS[mine.group],
          related: [{ message: `${their.path} of ${other.name}`, span: their.span }],
        },
      );
    }
  }
  return report.diagnostics;
}

const named = ({ name, kind }: { readonly name: string; readonly kind: EnvironmentKind }): string =>
  name === kind ? name : `${name} (${kind})`;

const HINTS: Readonly<Record<TargetGroup, string>> = {
  services: 'Correct the one that is wrong: two services have two ids at Render.',
  databases:
    'Give both the members that differ: host and database. What is one thing cannot stand in both environments.',
  buckets: 'Correct the one that is wrong: two buckets differ in name, or in account and region.',
  hosts: 'Correct the one that is wrong: two hosts have two keys. A copied machine needs keys of its own.',
  redis: 'Correct the one that is wrong: two databases differ in host, or in their number.',
};

interface Target {
  readonly group: TargetGroup;
  readonly path: string;
  readonly target: ValueMap;
  readonly print: ValueMap | undefined;
  readonly span: Span;
}

type Printed = Target & { readonly print: ValueMap };

const printsOf = (environment: Environment): readonly Printed[] =>
  [...targetsIn(treeOf(environment.file), environment)].filter(
    (target): target is Printed => target.print !== undefined,
  );

const treeOf = (file: SourceFile): Tree | undefined => parseYaml(file, new Report());

function* targetsIn(tree: Tree | undefined, { data }: Environment): Generator<Target> {
  for (const group of TARGET_GROUPS) {
    const targets = data[group];
    for (const { key, value, keySpan } of entries(member(tree, group))) {
      const target = isValueMap(targets) ? targets[key] : undefined;
      if (!isValueMap(target)) continue;
      const print = group === 'hosts' ? hostPrint(target) : target['fingerprint'];
      const at = entry(value, group === 'hosts' ? 'hostKey' : 'fingerprint')?.keySpan ?? keySpan;
      yield {
        group,
        path: `${group}.${key}`,
        target,
        print: isValueMap(print) ? print : undefined,
        span: at,
      };
    }
  }
}

const hostPrint = ({ hostKey }: ValueMap): ValueMap | undefined =>
  hostKey === undefined ? undefined : { hostKey };

/** Whether nothing that both say differs, and something by which such a thing is known is the same. */
function isSame({ group, print }: Printed, { print: other }: Printed): boolean {
  const both = Object.keys(print).filter((name) => other[name] !== undefined);
  return (
    both.every((name) => equal(name, print[name], other[name])) &&
    both.some((name) => KNOWN_BY[group].includes(name))
  );
}

function equal(name: string, a: Value | undefined, b: Value | undefined): boolean {
  const [one, two] = [textOf(a), textOf(b)];
  if (name !== 'host') return one === two;
  const [host = '', port] = one.toLowerCase().split(/:(?=\d+$)/);
  const [otherHost = '', otherPort] = two.toLowerCase().split(/:(?=\d+$)/);
  return host === otherHost && (port === undefined || otherPort === undefined || port === otherPort);
}

/** A number says the same as its digits: the schema lets nothing else in. */
const textOf = (value: Value | undefined): string =>
  typeof value === 'number' || typeof value === 'bigint'
    ? value.toString()
    : typeof value === 'string'
      ? value
      : '';
