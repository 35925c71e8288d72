import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { drillbook } from '../rig/drillbook.ts';

// A playbook, an environment, a monitor and answers whose every text tries to get at the terminal.

const H =
  '\u001B[31m RED\u001B[2J\u001B]8;;http://evil.example\u0007link\u001B]8;;\u0007\u009B31m\u0085\r\u0007\u202E\u2066\u200B\uFEFF';

/** As a text in YAML, in which every character can stand. */
const y = (text: string): string =>
  JSON.stringify(`${text} ${H}`).replace(/[\u007f-\uffff]/g, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });

const PLAYBOOK = `version: 1
id: hostile
title: ${y('Title')}
summary: ${y('Summary')}
owner: ${y('Owner')}
symptoms: [${y('Symptom')}]
objectives: { rto: { target: 30m, from: declared, to: verified } }
inputs:
  scope: { prompt: ${y('Prompt')}, type: choice, options: { all: ${y('All')}, some: ${y('Some')} } }
steps:
  - phase: ${y('Phase')}
    steps:
      - id: look
        title: ${y('Step')}
        why: ${y('Why')}
        uses: manual
        with: { instructions: ${y('Instructions')} }
        links: [{ title: ${y('Link')}, url: https://example.com }]
      - id: write
        title: ${y('Write')}
        uses: file.write
        with: { path: out.txt, text: ${y('Content')} }
        record: { figure: "\${{ 'value ' + inputs.scope }}" }
        mark: verified
`;

const ENVIRONMENT = `version: 1
name: test
kind: staging
values: { note: ${y('Value')} }
contacts: { boss: { name: ${y('Boss')}, phone: ${y('Phone')} } }
`;

const HOSTILE = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

let cwd: string;

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'drillbook-test-'));
  await mkdir(join(cwd, 'playbooks/environments'), { recursive: true });
  await writeFile(join(cwd, 'playbooks/hostile.yaml'), PLAYBOOK);
  await writeFile(join(cwd, 'playbooks/environments/test.yaml'), ENVIRONMENT);
  await writeFile(join(cwd, 'wrong.yaml'), PLAYBOOK.replace('symptoms:', `${y('key')}:`));
  await writeFile(join(cwd, 'answers.yaml'), `scope: all\nlook: done\nwrite: go\n`);
  const { exitCode, stderr } = await drillbook(
    ['drill', 'hostile', '--env', 'test', '--answers', 'answers.yaml', '--yes'],
    { cwd },
  );
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
  return () => rmSync(cwd, { recursive: true, force: true });
});

it.each([
  ['list'],
  ['list --json'],
  ['check'],
  ['check wrong.yaml'],
  ['check wrong.yaml --format json'],
  ['check wrong.yaml --format sarif'],
  ['check wrong.yaml --format github'],
  ['plan hostile --env test --answers answers.yaml'],
  ['plan hostile --env test --answers answers.yaml --json'],
  ['drill hostile --env test --answers answers.yaml --yes'],
  ['drill hostile --env test --answers answers.yaml --yes --json'],
  ['runs'],
  ['runs --json'],
  ['report'],
  ['report --format md'],
  ['report --format html'],
  ['report --format json'],
  ['report --format junit'],
  ['history'],
  ['history --json'],
  ['audit'],
  ['audit --format json'],
  ['improve'],
  ['doctor --env test'],
  ['doctor --env test --json'],
])('drillbook %s lets nothing through', async (command) => {
  const { stdout, stderr } = await drillbook(command.split(' '), { cwd });
  expect(stdout + stderr).not.toBe('');
  expect(HOSTILE.exec(stdout + stderr)).toBeNull();
});

it('no page of a playbook holds anything of it', async () => {
  await drillbook(['docs', '--out', 'pages'], { cwd });
  const pages = await readdir(join(cwd, 'pages'));
  expect(pages).toContain('hostile.md');
  for (const page of pages) expect(HOSTILE.exec(await readFile(join(cwd, 'pages', page), 'utf8'))).toBeNull();
});

it('the columns of a list stand where they would without it', async () => {
  const { stdout } = await drillbook(['list'], { cwd });
  expect(stdout).toMatch(/^hostile +– +30m .* Title  ?REDlink$/m);
});
