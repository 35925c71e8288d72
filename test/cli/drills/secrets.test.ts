import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { drillbook, startDrillbook, temporaryFolder } from '../../rig/drillbook.ts';
import { startOnTerminal } from '../../rig/pseudo-terminal.ts';

/** Every way by which a secret comes into a run, each with a secret of its own. */
const SECRETS = {
  answered: 'tango-answer-1',
  printed: 'tango-printed-2',
  inFailure: 'tango-failure-3',
  byHand: 'tango-by-hand-4',
  retried: 'tango-retried-5',
  fromEnvironment: 'tango-variable-6',
  inJson: 'tango-json-7',
} as const;

// Scripts read them from a file: a playbook with a secret in it is in the journal as it is written.
const PLAYBOOK = `version: 1
id: ways
title: Ways in
summary: For a test.
steps:
  - id: asks
    uses: ask
    with: { inputs: { password: { prompt: The password?, type: secret, check: { that: size(value) > 5 } } } }
  - id: prints
    title: Print a token
    uses: shell
    effect: read
    secretOutput: [stdout]
    with: { script: cat printed; sleep 1; cat printed >&2 }
  - id: json
    uses: shell
    effect: read
    secretOutput: [json.token]
    with: { script: 'printf ''{"token":"%s","ttl":60}'' "$(cat inJson)"', stdout: json }
  - id: fails
    uses: shell
    effect: read
    secretOutput: [stdout]
    onFailure: continue
    with: { script: cat inFailure; exit 3 }
  - id: hand
    uses: shell
    effect: read
    secretOutput: [stdout]
    with: { script: exit 4 }
  - id: again
    uses: shell
    effect: read
    with: { script: 'test "$T" != "$(cat answered)"', env: { T: '\${{ steps.asks.output.password }}' } }
  - id: uses
    uses: shell
    effect: read
    attach: [evidence.txt, \${{ run.folder }}/none]
    with:
      script: 'echo "$A $B $C $D" | tee evidence.txt'
      env:
        A: \${{ steps.asks.output.password }}
        B: \${{ steps.prints.output.stdout }}
        C: \${{ steps.hand.output.stdout }}
        D: \${{ env.values.key }}
`;
const ANSWERS = {
  password: SECRETS.answered,
  'onFailure/hand': { answer: 'byHand', reason: 'the vault was asked', values: { stdout: SECRETS.byHand } },
  'onFailure/again': {
    answer: 'retryWith',
    values: { script: 'test -n "$T"', env: { T: SECRETS.retried } },
  },
};

async function folder(): Promise<string> {
  const cwd = temporaryFolder();
  await mkdir(join(cwd, 'playbooks/environments'), { recursive: true });
  await writeFile(join(cwd, 'playbooks/ways.yaml'), PLAYBOOK.replace(', ${{ run.folder }}/none', ''));
  const environment =
    'version: 1\nname: test\nkind: staging\npolicy: { allowScripts: true }\nvalues: { key: { env: KEY } }\n';
  await writeFile(join(cwd, 'playbooks/environments/test.yaml'), environment);
  await writeFile(join(cwd, 'answers.json'), JSON.stringify(ANSWERS));
  for (const [name, secret] of Object.entries(SECRETS)) await writeFile(join(cwd, name), `${secret}\n`);
  return cwd;
}

/** Which of the secrets stand in a text. */
const found = (text: string): readonly string[] =>
  Object.entries(SECRETS).flatMap(([name, secret]) => (text.includes(secret) ? [name] : []));

const env = { KEY: SECRETS.fromEnvironment };
const DRILL = ['drill', 'ways', '--env', 'test', '--store', 'store', '--answers', 'answers.json'];

it.each([['lines'], ['events', '--json']])(
  'no secret stands in the journal, in a file of the store, on the screen as %s, or in a report',
  async (_, ...more) => {
    const cwd = await folder();
    const run = await drillbook([...DRILL, '--unattended', ...more], { cwd, env });
    expect(run.exitCode).toBe(0);
    expect(found(run.stdout + run.stderr)).toEqual([]);
    const files = await readdir(join(cwd, 'store'), { recursive: true, withFileTypes: true });
    const texts = await Promise.all(
      files
        .filter((file) => file.isFile())
        .map(async (file) => [
          file.name,
          found(await readFile(join(file.parentPath, file.name), 'utf8')).join(),
        ]),
    );
    expect(texts.filter(([, secrets]) => secrets !== '')).toEqual([]);
    const journal = texts.some(([name]) => name === 'journal.jsonl');
    expect(journal).toBe(true);
    for (const format of ['text', 'md', 'html', 'json', 'junit']) {
      const report = await drillbook(['report', '--store', 'store', '--format', format], { cwd });
      expect(report.stdout).not.toBe('');
      expect([format, found(report.stdout)]).toEqual([format, []]);
    }
  },
);

it('no secret is painted on a terminal while its step works', async () => {
  const cwd = await folder();
  const steps = PLAYBOOK.slice(PLAYBOOK.indexOf('  - id: prints'), PLAYBOOK.indexOf('  - id: json'));
  const playbook = `version: 1\nid: ways\ntitle: Ways in\nsummary: For a test.\nsteps:\n${steps}`;
  await writeFile(join(cwd, 'playbooks/ways.yaml'), playbook);
  const run = startOnTerminal(['drill', 'ways', '--env', 'test', '--store', 'store'], { cwd });
  const shown = run.terminal.shows(/tango/).then(() => run.terminal.text);
  await run.terminal.shows(/Print a token/);
  // Whichever comes first: whatever is painted is looked at, also what is gone at the end.
  expect(await Promise.race([shown, run.finished])).toBe(0);
});

/** An old secret that is overwritten, and put back: what comes between is where the process dies. */
const BACK = `version: 1
id: back
title: An old secret for the way back
summary: For a test.
steps:
  - { id: old, uses: shell, effect: read, secretOutput: SECRET_OUTPUT, with: { script: cat secret } }
  - { id: write, title: Write the new one, uses: shell, effect: write, idempotent: true, with: { script: printf new-value > secret } }
  - { id: hold, title: Hold on, uses: shell, effect: read, with: { script: 'until test -f sign; do sleep 0.1; done' } }
  - id: back
    uses: shell
    effect: write
    idempotent: true
    with: { script: 'printf %s "$OLD" > secret', env: { OLD: '\${{ steps.old.output.stdout }}' } }
`;

/** A run that died after the secret had been overwritten. */
async function overwritten(secretOutput: string) {
  const cwd = await folder();
  await writeFile(join(cwd, 'playbooks/back.yaml'), BACK.replace('SECRET_OUTPUT', secretOutput));
  const environment =
    'version: 1\nname: test\nkind: staging\npolicy: { allowScripts: true }\nkeep: { key: { env: KEEP } }\n';
  await writeFile(join(cwd, 'playbooks/environments/test.yaml'), environment);
  await writeFile(join(cwd, 'secret'), 'old-value');
  const args = ['drill', 'back', '--env', 'test', '--store', 'store', '--unattended', '--yes'];
  const run = startDrillbook(args, { cwd, env: { KEEP: 'a key' } });
  await run.line(/Hold on/);
  run.process.kill('SIGKILL');
  await run.finished;
  await writeFile(join(cwd, 'sign'), '');
  const resume = (KEEP: string, ...more: readonly string[]) =>
    drillbook(['resume', '--store', 'store', '--unattended', '--yes', ...more], { cwd, env: { KEEP } });
  const secret = (): Promise<string> => readFile(join(cwd, 'secret'), 'utf8');
  const runs = join(cwd, 'store/runs');
  const [run1 = ''] = await readdir(runs);
  return { cwd, resume, secret, sealed: join(runs, run1, 'sealed') };
}

it('a secret of a dead process is not read anew after a change: it is named, and can be given', async () => {
  const { cwd, resume, secret } = await overwritten('[stdout]');
  const refused = await resume('a key');
  expect(refused.exitCode).toBe(4);
  expect(refused.stderr).toContain(
    'The secret "stdout" that "old" gave: It was not kept. "Write the new one"',
  );
  expect(await secret()).toBe('new-value');
  await writeFile(join(cwd, 'answers.json'), JSON.stringify({ old: { stdout: 'old-value' } }));
  const given = await resume('a key', '--answers', 'answers.json');
  expect(given.exitCode).toBe(0);
  expect(await secret()).toBe('old-value');
});

it('a secret that is kept comes back after a crash, with its key alone, and is gone at the end', async () => {
  const { resume, secret, sealed } = await overwritten('{ stdout: keep }');
  const [file = ''] = await readdir(sealed);
  expect(await readFile(join(sealed, file), 'utf8')).not.toContain('old-value');
  const without = await resume('');
  expect(without.exitCode).toBe(4);
  expect(without.stderr).toContain('the environment variable KEEP is not set');
  expect((await resume('another key')).stderr).toContain('does not open with this key');
  expect((await resume('a key')).exitCode).toBe(0);
  expect(await secret()).toBe('old-value');
  await expect(readdir(sealed)).rejects.toThrow('ENOENT');
});

it('what is missing is named before the first change, by a plan too', async () => {
  const cwd = await folder();
  const steps = `steps:
  - { id: stop, title: Stop the writers, uses: shell, effect: write, with: { script: touch stopped } }
  - { id: use, title: Restore, uses: shell, effect: write, with: { script: 'true', env: { K: '\${{ env.values.key }}' } } }
`;
  await writeFile(join(cwd, 'playbooks/ways.yaml'), PLAYBOOK.replace(/steps:[^]*/, steps));
  const planned = await drillbook(['plan', 'ways', '--env', 'test', '--probe'], { cwd, env: { KEY: '' } });
  expect(planned.stdout).toMatch(/missing +the environment variable KEY is not set, for Restore/);
  expect(planned.exitCode).toBe(1);
  const args = ['drill', 'ways', '--env', 'test', '--store', 'store', '--unattended', '--yes'];
  const run = await drillbook(args, { cwd, env: { KEY: '' } });
  expect(run.exitCode).toBe(4);
  expect(run.stderr).toContain('the environment variable KEY is not set (for "Restore")');
  expect(await readdir(cwd)).not.toContain('stopped');
  const resumed = await drillbook(['resume', '--store', 'store', '--unattended', '--yes'], { cwd, env });
  expect(resumed.exitCode).toBe(0);
  expect(await readdir(cwd)).toContain('stopped');
});
