import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadBackup } from '../../engine/load/backups/backup.ts';
import { loadEnvironment } from '../../engine/load/environment.ts';
import { readSource } from '../../engine/load/read-source.ts';
import { loadMonitors } from '../../engine/load/monitors.ts';
import { loadPlaybook } from '../../engine/load/playbook.ts';
import type { Library } from '../../engine/load/playbook.ts';
import { loadSchedule } from '../../engine/load/schedule.ts';
import { loadWorld } from '../../engine/load/world.ts';
import type { Environment } from '../../engine/model/environment.ts';
import { SourceFile } from '../../engine/source/file.ts';
import { temporaryFolder } from '../rig/drillbook.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(join(root, 'docs/diagnostics.md'), 'utf8');

const sections = page
  .split(/^### /m)
  .slice(1)
  .map((text) => ({ code: text.slice(0, 5), text }));

function block(text: string, kind: string): string | undefined {
  return new RegExp(`^\`\`\`${kind}\\n(.*?)^\`\`\`$`, 'ms').exec(text)?.[1];
}

async function environmentOf(text: string): Promise<Environment | undefined> {
  const example = block(text, 'yaml environment');
  if (example === undefined) return undefined;
  return (await loadEnvironment(new SourceFile('environment.yaml', example))).value;
}

const HEAD = 'version: 1\nid: example\ntitle: Example\nsummary: An example.\n';

const other = new SourceFile(
  'other.yaml',
  HEAD.replace('example', 'other') + 'inputs:\n  scope: { prompt: How much?, type: text }\nsteps: []\n',
);

const library: Library = {
  ids: () => Promise.resolve(['other']),
  find: (id) => Promise.resolve(id === 'other' ? other : undefined),
};

test('every code that the engine uses has a section, in order, and every section a code', () => {
  const files = readdirSync(join(root, 'engine'), { recursive: true, encoding: 'utf8' });
  const codes = new Set(
    files
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => readFileSync(join(root, 'engine', name), 'utf8').match(/\bDB\d{3}\b/g) ?? []),
  );
  expect(sections.map(({ code }) => code)).toEqual([...codes].sort());
});

test('every section says what would be right', () => {
  for (const { code, text } of sections) expect(text, code).toMatch(/^Right: /m);
});

const examples = sections.filter(({ text }) => block(text, 'yaml') !== undefined);

test.each(examples)('the example of $code gives $code', async ({ code, text }) => {
  const example = block(text, 'yaml') ?? '';
  const environment = await environmentOf(text);
  const { diagnostics } = await loadPlaybook(new SourceFile('example.yaml', HEAD + example), library, {
    today: '2026-01-01',
    ...(environment !== undefined && { environment }),
  });
  expect([...new Set(diagnostics.map((diagnostic) => diagnostic.code))]).toEqual([code]);
});

const environments = sections.filter(
  ({ text }) =>
    /^```yaml(?! environment)/m.exec(text) === null && block(text, 'yaml environment') !== undefined,
);

test.each(environments)('the environment of $code gives $code', async ({ code, text }) => {
  const example = block(text, 'yaml environment') ?? '';
  const { diagnostics } = await loadEnvironment(new SourceFile('environment.yaml', example));
  expect(diagnostics.map((diagnostic) => diagnostic.code)).toEqual([code]);
});

const worlds = sections.filter(({ text }) => block(text, 'yaml world') !== undefined);

test.each(worlds)('the world of $code gives $code', ({ code, text }) => {
  const example = `version: 1\nname: shop\n${block(text, 'yaml world') ?? ''}`;
  const { diagnostics } = loadWorld(new SourceFile('shop.yaml', example));
  expect(diagnostics.map((diagnostic) => diagnostic.code)).toEqual([code]);
});

const backups = sections.filter(({ text }) => block(text, 'yaml backup') !== undefined);

test.each(backups)('the backup of $code gives $code', async ({ code, text }) => {
  const written = block(text, 'yaml backup') ?? '';
  const example = written.startsWith('version:')
    ? written
    : `version: 1\nname: shop\ndump: { path: dumps }\n${written}`;
  const { diagnostics } = await loadBackup(new SourceFile('shop.yaml', example));
  expect(diagnostics.map((diagnostic) => diagnostic.code)).toEqual([code]);
});

const schedules = sections.filter(({ text }) => block(text, 'yaml schedule') !== undefined);

test.each(schedules)('the schedule of $code gives $code', ({ code, text }) => {
  const example = `version: 1\nname: Example\n${block(text, 'yaml schedule') ?? ''}`;
  const known = { playbooks: ['other'], examples: [], environments: ['sandbox', 'staging'] };
  const { diagnostics } = loadSchedule(new SourceFile('schedule.yaml', example), known);
  expect(diagnostics.map((diagnostic) => diagnostic.code)).toEqual([code]);
});

const monitors = sections.filter(({ text }) => block(text, 'yaml monitors') !== undefined);

test.each(monitors)('the monitors of $code give $code', async ({ code, text }) => {
  const example = `version: 1\nenvironment: staging\n${block(text, 'yaml monitors') ?? ''}`;
  const { diagnostics } = await loadMonitors(new SourceFile('monitors.yaml', example), {
    names: ['staging'],
    find: () => environmentOf(text),
  });
  expect(diagnostics.map((diagnostic) => diagnostic.code)).toEqual([code]);
});

test('the codes of files are given by files', async () => {
  const folder = temporaryFolder();
  const write = (name: string, content: string | Buffer): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const codeOf = async (path: string): Promise<string> => {
    const result = await readSource(path);
    return result.ok ? 'none' : result.error.code;
  };
  expect(await codeOf(write('fine.yaml', 'a: ü'))).toBe('none');
  expect(await codeOf(join(folder, 'missing.yaml'))).toBe('DB001');
  expect(await codeOf(folder)).toBe('DB002');
  expect(await codeOf(write('large.yaml', Buffer.alloc(10 * 1024 * 1024, 'a')))).toBe('DB003');
  expect(await codeOf(write('latin1.yaml', Buffer.from([0x61, 0xfc, 0x62])))).toBe('DB004');
});
