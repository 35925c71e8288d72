import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Duration } from '../../../engine/base/duration.ts';
import type { ValueMap } from '../../../engine/base/value.ts';
import { Stopped } from '../../../engine/model/kind.ts';
import { needing } from '../../rig/needed-programs.ts';
import { failureOf, kindOf, stepRig } from '../../rig/step.ts';

const kind = await kindOf('shell');
const password = { $ref: 'env', name: 'DRILLBOOK_TEST_PASSWORD' };
let folder: string;

beforeAll(async () => {
  process.env['DRILLBOOK_TEST_PASSWORD'] = 's3cret';
  process.env['DRILLBOOK_TEST_AMBIENT'] = 'ambient';
  folder = await realpath(await mkdtemp(join(tmpdir(), 'drillbook-shell-')));
});
afterAll(() => rm(folder, { recursive: true }));

const run = (args: ValueMap, rig = stepRig()): Promise<ValueMap> => kind.run(args, rig.context);

describe('a script', () => {
  test('gives its output, its end and each line as it comes', async () => {
    const rig = stepRig();
    expect(await run({ script: 'echo one; echo two >&2; printf three' }, rig)).toEqual({
      exitCode: 0,
      stdout: 'one\nthree',
      stderr: 'two\n',
      truncated: false,
      lines: [],
      json: null,
      left: [],
    });
    expect([...rig.logs].sort()).toEqual(['one', 'three', 'two']);
  });

  test('stops at the first command that fails, at a variable that is not set, inside a pipe', async () => {
    for (const script of ['false; echo on', 'echo $NOT_SET; echo on', 'false | cat; echo on']) {
      const error = await failureOf(run({ script }));
      expect(error).toMatchObject({ code: 'exit', changed: 'maybe', details: { exitCode: 1, stdout: '' } });
    }
  });

  test('sees no variable but those it is given', async () => {
    const { stdout } = await run({
      script: 'env | cut -d= -f1 | sort | tr "\\n" " "',
      env: { A: 1, B: true, C: new Duration(90_000_000), D: password },
    });
    expect((stdout as string).split(' ')).toEqual(
      expect.arrayContaining(['A', 'B', 'C', 'D', 'HOME', 'PATH']),
    );
    expect(stdout).not.toContain('DRILLBOOK_TEST');
    expect(
      await run({ script: 'echo "$A $B $C"', env: { A: 1, B: true, C: new Duration(90_000_000) } }),
    ).toMatchObject({ stdout: '1 true 1m30s\n' });
  });

  test('gets secrets by variable or on its standard input, never as an argument', async () => {
    const script = 'cat; echo " $SECRET"; tr "\\0" " " < /proc/$$/cmdline';
    const { stdout } = await run({ script, env: { SECRET: password }, stdin: password });
    const [given, argv] = (stdout as string).split('\n');
    expect(given).toBe('s3cret s3cret');
    expect(argv).not.toContain('s3cret');
    expect(await failureOf(run({ command: ['echo', password] }))).toMatchObject({ code: 'usage' });
  });

  test('reads an empty input when it is given none', async () => {
    expect(await run({ script: 'cat; echo end' })).toMatchObject({ stdout: 'end\n' });
  });

  test('runs in a folder', async () => {
    expect(await run({ script: 'pwd', cwd: folder })).toMatchObject({ stdout: `${folder}\n` });
    expect(await failureOf(run({ script: 'pwd', cwd: `${folder}/missing` }))).toMatchObject({
      code: 'usage',
    });
  });

  test('may end with another code where the step says so', async () => {
    expect(await run({ script: 'exit 3', ok: [0, 3] })).toMatchObject({ exitCode: 3 });
    const error = await failureOf(run({ script: 'echo why >&2; exit 4', ok: [0, 3] }));
    expect(error.message).toBe('the command ended with exit code 4: why');
  });

  test('that a signal ended', async () => {
    expect(await failureOf(run({ script: 'kill -KILL $$' }))).toMatchObject({
      code: 'signal',
      message: 'the command was ended by SIGKILL',
    });
  });
});

describe('its standard output', () => {
  test('as JSON', async () => {
    expect(await run({ script: `echo '{"n": [1]}'`, stdout: 'json' })).toMatchObject({ json: { n: [1] } });
    expect(await failureOf(run({ script: 'echo no', stdout: 'json' }))).toMatchObject({ code: 'notJson' });
  });

  test('as lines', async () => {
    expect(await run({ script: 'printf "a\\n\\nb\\n"', stdout: 'lines' })).toMatchObject({
      lines: ['a', '', 'b'],
    });
    expect(await run({ script: 'true', stdout: 'lines' })).toMatchObject({ lines: [] });
  });

  test('is kept to its last MiB', async () => {
    const output = await run({ script: 'head -c 3000000 /dev/zero | tr "\\0" x; echo; echo end' });
    expect(output['truncated']).toBe(true);
    expect(output['stdout'] as string).toHaveLength(1024 * 1024);
    expect((output['stdout'] as string).endsWith('\nend\n')).toBe(true);
    const tooMuch = { script: 'head -c 3000000 /dev/zero', stdout: 'lines' };
    expect(await failureOf(run(tooMuch))).toMatchObject({ code: 'outputTooLarge' });
  });

  test('may hold letters of several bytes', async () => {
    expect(await run({ script: 'printf "\\303"; sleep 0.05; printf "\\274"' })).toMatchObject({
      stdout: 'ü',
    });
  });
});

describe('a command', () => {
  test('is run without a shell', async () => {
    expect(await run({ command: ['printf', '%s|', '$HOME', 'a b', 5] })).toMatchObject({
      stdout: '$HOME|a b|5|',
    });
  });

  test('that is not there', async () => {
    const error = await failureOf(run({ command: ['no-such-command'] }));
    expect(error).toMatchObject({ code: 'commandNotFound', changed: 'nothing' });
  });

  test('or a script, not both', async () => {
    expect(await failureOf(run({ script: 'true', command: ['true'] }))).toMatchObject({ code: 'usage' });
  });
});

describe('its processes', needing('ps'), () => {
  /** A process that has ended and that nobody has asked about yet (a zombie) is still in the list. */
  const isAlive = (pid: string): boolean => {
    const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', pid], { encoding: 'utf8' });
    return stdout.trim() !== '' && !stdout.startsWith('Z');
  };

  test('end with it when it is stopped, those that it started too', async () => {
    const rig = stepRig({ onLog: (line) => line === 'ready' && rig.abort() });
    const pids = join(folder, 'pids');
    const work = run({ script: `sleep 600 & echo $! >> ${pids}; echo $$ >> ${pids}; echo ready; wait` }, rig);
    await expect(work).rejects.toThrow('stopped');
    for (const pid of (await readFile(pids, 'utf8')).trim().split('\n')) {
      await expect.poll(() => isAlive(pid)).toBe(false);
    }
  });

  // Before that it has the name of the shell that became it.
  const onceItSleeps = 'until [ "$(ps -o comm= -p $!)" = sleep ]; do :; done';

  test('that it leaves running end with it, and are named', async () => {
    const rig = stepRig();
    const { stdout, left } = await run({ script: `sleep 600 & ${onceItSleeps}; echo $!` }, rig);
    const pid = (stdout as string).trim();
    expect(left).toEqual([{ pid: Number(pid), command: 'sleep 600', ended: true }]);
    expect(rig.logs).toContain(`ended what it left running: sleep 600 (${pid})`);
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  test.skipIf(process.platform !== 'linux')(
    'that left its group, and hold its output, do not hold the step: they go on, and are named',
    async () => {
      for (const output of ['', '>/dev/null 2>&1']) {
        const { stdout, left } = await run({
          script: `setsid sleep 600 ${output} & ${onceItSleeps}; echo $!`,
        });
        const pid = (stdout as string).trim();
        expect(left).toEqual([{ pid: Number(pid), command: 'sleep 600', ended: false }]);
        expect(isAlive(pid)).toBe(true);
        process.kill(Number(pid), 'SIGKILL');
      }
    },
  );

  test.skipIf(process.platform !== 'linux')(
    'are named also when another command ended while they ran, which is not theirs',
    async () => {
      const others: Promise<ValueMap>[] = [];
      const go = join(folder, 'go');
      const rig = stepRig({
        onLog: (line) => line === 'left' && others.push(run({ script: `touch ${go}` })),
      });
      const { stdout, left } = await run(
        {
          script: `setsid sleep 600 >/dev/null 2>&1 & ${onceItSleeps}; echo $!; sleep 600 & ${onceItSleeps}; echo $!
            echo left; until [ -e ${go} ]; do :; done`,
        },
        rig,
      );
      const [moved, stayed] = (stdout as string).split('\n').map(Number);
      expect((left as ValueMap[]).map(({ pid, ended }) => [pid, ended])).toEqual([
        [moved, false],
        [stayed, true],
      ]);
      for (const other of others) expect(await other).toMatchObject({ exitCode: 0, left: [] });
      expect(await run({ script: 'true' })).toMatchObject({ left: [] });
      process.kill(moved as number, 'SIGKILL');
    },
  );
});

describe('what it had said', () => {
  test('until it was stopped is kept', async () => {
    const rig = stepRig({ onLog: (line) => line === 'hangs' && rig.abort() });
    const work = run({ script: 'echo why >&2; echo waits; echo hangs; exec sleep 600' }, rig);
    const stopped: unknown = await work.catch((error: unknown) => error);
    expect(stopped).toBeInstanceOf(Stopped);
    expect(stopped).toMatchObject({
      message: 'stopped',
      details: { stdout: 'waits\nhangs\n', stderr: 'why\n' },
    });
  });

  test('is kept by its head and its tail where it was long', async () => {
    const script = 'echo the beginning; head -c 3000000 /dev/zero | tr "\\0" x; echo; echo the end; exit 1';
    const { details } = await failureOf(run({ script }));
    const kept = details['stdout'] as string;
    expect(kept).toMatch(/^the beginning\n/);
    expect(kept).toMatch(/\nthe end\n$/);
    expect(kept).toMatch(/\n\[… \d+ characters …\]\n/);
    expect(kept.length).toBeLessThan(70_000);
  });

  test('is searched for the reason, on both streams', async () => {
    const script = 'echo "ERROR: disk full"; echo "Warning: deprecated" >&2; exit 1';
    expect((await failureOf(run({ script }))).message).toBe(
      'the command ended with exit code 1: ERROR: disk full',
    );
  });
});

test('finds the folder of its run', async () => {
  const rig = stepRig();
  expect(await run({ script: 'echo "$DRILLBOOK_FOLDER"' }, rig)).toMatchObject({
    stdout: `${rig.context.run.folder}\n`,
  });
});

test('says what it would do, and how to do it by hand', () => {
  const { environment } = stepRig().context;
  expect(kind.describe({ script: 'pg_ctl promote\n' })).toBe('Run pg_ctl promote');
  expect(kind.describe({ script: 'a\nb\n' })).toBe('Run a script of 2 lines');
  expect(kind.describe({ command: ['dig', '+short', 'a b'] })).toBe("Run dig +short 'a b'");
  expect(kind.byHand?.({ script: 'a\nb\n', env: { X: password } }, environment)).toBe(
    `X="$DRILLBOOK_TEST_PASSWORD" bash -euo pipefail <<'SCRIPT'\na\nb\nSCRIPT`,
  );
  expect(kind.effect({ script: 'true' })).toBe('unknown');
});
