import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ValueMap } from '../../engine/base/value.ts';
import { interlock } from '../../engine/interpret/safety/interlock.ts';
import { STEP_KINDS } from '../../engine/kinds/index.ts';
import type { TargetGroup } from '../../engine/model/environment.ts';
import type { RunMode } from '../../engine/model/kind.ts';

/**
 * What stands below `sources` is only read. Each member of each kind that takes a target gets one of a
 * source: either it is named here as one that the kind reads, or the interlock refuses it in every mode.
 */
const READ: readonly string[] = [
  'host.copy fromHost',
  'postgres.compare left',
  'postgres.compare right',
  'postgres.contents database',
  'postgres.copy-rows from',
  'postgres.dump database',
  'postgres.inspect database',
  'postgres.size database',
  'redis.inspect redis',
  'render.backups database',
  'render.compare-postgres database',
  'render.compare-postgres like',
  'render.compare-services like',
  'render.compare-services service',
  'render.create-postgres like',
  'render.domains service',
  'render.postgres database',
  'render.service service',
  's3.compare-buckets left',
  's3.compare-buckets right',
  's3.compare-keys bucket',
  's3.compare-keys database',
  's3.compare-keys replica',
  's3.copy-bucket from',
  's3.get bucket',
  's3.inspect bucket',
  's3.list bucket',
  's3.list-versions bucket',
  's3.read-back bucket',
  's3.sync-down bucket',
  'sql.query database',
];

interface Member {
  readonly kind: string;
  readonly member: string;
  readonly group: TargetGroup;
  readonly args: ValueMap;
}

interface Schema {
  readonly properties: { readonly with: { readonly properties?: Readonly<Record<string, Field>> } };
}

interface Field {
  readonly 'x-target'?: TargetGroup;
  readonly type?: string | readonly string[];
  readonly enum?: readonly string[];
}

const fieldsOf = (kind: string): readonly (readonly [string, Field])[] => {
  const path = new URL(`../../schemas/steps/${kind}.schema.json`, import.meta.url);
  const schema = JSON.parse(readFileSync(path, 'utf8')) as Schema;
  return Object.entries(schema.properties.with.properties ?? {});
};

const members = Object.keys(STEP_KINDS).flatMap((kind): Member[] => {
  const fields = fieldsOf(kind);
  const targets = fields.flatMap(([name, field]) => {
    const group = field['x-target'];
    return group === undefined ? [] : [{ name, group }];
  });
  const own = Object.fromEntries(
    targets.map(({ name, group }) => [name, { name: 'own', $target: `${group}.own` }]),
  );
  const others = Object.fromEntries(
    fields.flatMap(([name, { type, enum: choices }]) =>
      name in own || !(type === 'string' || type === 'array')
        ? []
        : [[name, type === 'array' ? [] : (choices?.[0] ?? 'text')]],
    ),
  );
  return targets.map(({ name: member, group }) => {
    const target = { name: 'theirs', renderId: 'dpg-theirs', $target: `sources.production.${group}.main` };
    return { kind, member, group, args: { ...others, ...own, [member]: target } };
  });
});

describe('what is read of another environment', () => {
  it.each(members)('$kind tells that $member is of it', async ({ kind: name, args }) => {
    const kind = await STEP_KINDS[name]?.();
    const paths = kind?.targets(args).map(({ path }) => path ?? '') ?? [];
    expect(paths.some((path) => path.startsWith('sources.production.'))).toBe(true);
  });

  it('is read by these members of kinds, and refused to all others, in a drill and in a recovery', async () => {
    const passed = new Set<string>();
    for (const { kind: name, member, args } of members) {
      const kind = await STEP_KINDS[name]?.();
      if (kind === undefined) continue;
      for (const mode of ['drill', 'recover'] satisfies RunMode[]) {
        const verdict = interlock({
          mode,
          environment: { name: 'staging', kind: 'staging', allowScripts: true },
          effect: kind.effect(args),
          scripted: false,
          believed: false,
          targets: kind.targets(args).map((use) => ({
            use,
            identity: { verdict: 'match', facts: {} },
            created: false,
          })),
        });
        if (verdict.verdict === 'refuse') expect(verdict.reason).toContain('which is only read');
        else passed.add(`${name} ${member}`);
      }
    }
    expect([...passed].sort()).toEqual([...READ].sort());
  });

  it('is refused to a service that would be told of its connection', async () => {
    const kind = await STEP_KINDS['render.set-env']?.();
    const uses = kind?.targets({
      service: { name: 'api', $target: 'services.api' },
      key: 'DATABASE_URL',
      value: { connection: { name: 'main', $target: 'sources.production.databases.main' } },
    });
    expect(uses).toContainEqual(
      expect.objectContaining({ path: 'sources.production.databases.main', effect: 'write' }),
    );
  });
});
