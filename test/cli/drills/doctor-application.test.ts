import { afterAll, describe, expect, test } from 'vitest';
import { applicationFindings } from '../../../engine/cli/doctor/application.ts';
import type { Finding } from '../../../engine/cli/doctor/finding.ts';
import { loadEnvironment } from '../../../engine/load/environment.ts';
import type { World } from '../../../engine/sandbox/world.ts';
import { SourceFile } from '../../../engine/source/file.ts';
import { shippedWorld } from '../../rig/shop.ts';
import { environmentOf, query, renderOf, start } from '../../sandbox/rig.ts';

const open: World[] = [];
afterAll(async () => {
  await Promise.all(open.map((world) => world.stop()));
});

/** What doctor says of the application, with the environment of a world as `change` makes it. */
async function examine(
  world: World,
  change: (text: string) => string = (text) => text,
): Promise<readonly Finding[]> {
  const text = change(await world.environmentText());
  const { value, diagnostics } = await loadEnvironment(new SourceFile('live.yaml', text));
  expect(diagnostics).toEqual([]);
  return value === undefined ? [] : applicationFindings(value);
}

async function databaseUrl(world: World): Promise<string> {
  const environment = await environmentOf(world);
  const render = await renderOf(environment);
  const { body } = await render<{ externalConnectionString: string }>(
    'GET',
    `/postgres/${environment.databases.main.renderId}/connection-info`,
  );
  return body.externalConnectionString;
}

/** What is noted of migrations and erasures, said wrongly. */
const WHAT_DOES_NOT_GO_BACK = [
  ['name: name', 'name: title', /^the migrations: the table django_migrations: .*"title" does not exist/],
  ['id: video_id', 'id: row', /^the erasures: the table erasures: .*"row" does not exist/],
] as const;

const problems = (findings: readonly Finding[]): readonly string[] =>
  findings.filter(({ verdict }) => verdict === 'problem').map(({ what, detail }) => `${what}: ${detail}`);

// What the one in Django offers is asked for in its drills.
describe.each(['peakops', 'peakops-plain'])('the application of the world %s', (name) => {
  let world: World;

  test('has all that its environment says of it', async () => {
    world = await start({ plan: shippedWorld(name) });
    open.push(world);
    await world.baseline();
    // Workers that a busy machine held up catch up.
    await expect.poll(async () => problems(await examine(world))).toEqual([]);
    const findings = await examine(world);
    expect(findings.length).toBeGreaterThanOrEqual(6);
    expect(await world.loss()).toMatchObject({ lost: 0 });
    expect((await world.loss()).acknowledged).toBeGreaterThan(5);
  });

  test('each part that is said wrongly is a problem, with its place in the file', async () => {
    const cases: readonly (readonly [string, string, RegExp])[] = [
      ['path: /api/health/', 'path: /health', /\/health: it answers 404, not 200$/],
      ['    users: {}', '    people: {}', /^the table people: there is no table people$/],
      [
        '    inspections:\n      time: created_at',
        '    inspections:\n      time: made',
        /^the table inspections: inspections has no column made that holds a time$/,
      ],
      [
        'prefix: uploads/',
        'prefix: media/',
        /^the files in videos\.(key|file): the newest is uploads\/.*, which does not begin with media\/$/,
      ],
      [name === 'peakops' ? 'column: key' : 'column: file', 'column: path', /column "path" does not exist/],
      ...(name === 'peakops' ? WHAT_DOES_NOT_GO_BACK : []),
    ];
    for (const [written, instead, expected] of cases) {
      let line = 0;
      const findings = await examine(world, (text) => {
        expect(text).toContain(written);
        line = text.slice(0, text.indexOf(written)).split('\n').length;
        return text.replace(written, instead);
      });
      expect(problems(findings).join('\n')).toMatch(new RegExp(expected.source, 'm'));
      // A machine that is busy may have others: a worker that was slow.
      const wrong = findings.find((finding) => problems([finding]).some((problem) => expected.test(problem)));
      expect(wrong?.hint).toMatch(/^application\.\S+ is at live\.yaml:\d+:\d+\.$/);
      expect(Math.abs(Number(/live\.yaml:(\d+)/.exec(wrong?.hint ?? '')?.[1]) - line)).toBeLessThan(6);
    }
  });

  test('a table that is lost, or holds no row any more, is one too', async () => {
    const url = await databaseUrl(world);
    await query(url, 'truncate users cascade');
    expect(problems(await examine(world)).join('\n')).toMatch(/^the table users: users is empty$/m);
    await query(url, 'drop table users cascade');
    expect(problems(await examine(world)).join('\n')).toMatch(/^the table users: there is no table users$/m);
  });
});

test('an environment that says nothing of an application is not asked for it', async () => {
  const text = 'version: 1\nname: other\nkind: staging\n';
  const { value } = await loadEnvironment(new SourceFile('live.yaml', text));
  expect(value === undefined ? undefined : await applicationFindings(value)).toEqual([]);
});
