import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startDrillbook, temporaryFolder } from '../../rig/drillbook.ts';

/** About as much as one expression may do. */
const EXPENSIVE = 'string(item) + string(env.values.many.map(x, env.values.many.map(y, 1).size()).size())';

const PLAYBOOK = `version: 1
id: long
title: A long evaluation
summary: For a test.
steps:
  - id: first
    title: Say that it begins
    uses: shell
    with: { script: 'true' }
    effect: read
  - id: loop
    forEach: { in: '\${{ env.values.many }}', key: '${EXPENSIVE}' }
    steps:
      - id: each
        uses: shell
        with: { script: 'true' }
        effect: read
`;

it(
  'Ctrl-C pauses a run between two expressions, however many there still are and however much each does',
  { timeout: 180_000 },
  async () => {
    const cwd = temporaryFolder();
    await mkdir(join(cwd, 'playbooks/environments'), { recursive: true });
    await writeFile(join(cwd, 'playbooks/long.yaml'), PLAYBOOK);
    const many = Array.from({ length: 700 }, (_, index) => index).join(', ');
    await writeFile(
      join(cwd, 'playbooks/environments/test.yaml'),
      `version: 1\nname: test\nkind: staging\npolicy: { allowScripts: true }\nvalues: { many: [${many}] }\n`,
    );
    const run = startDrillbook(['drill', 'long', '--env', 'test', '--json', '--yes', '--unattended'], {
      cwd,
    });
    await run.line(/"type":"step\.finished"/);
    run.process.kill('SIGINT');
    const { exitCode, stdout } = await run.finished;
    expect(exitCode).toBe(130);
    expect(stdout).toContain('"type":"run.paused"');
    // All 700 would be minutes of work, and the first item would have begun after them.
    expect(stdout).not.toContain('"key":"loop[');
  },
);
