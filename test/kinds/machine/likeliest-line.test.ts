import { expect, test } from 'vitest';
import { likeliestLine } from '../../../engine/kinds/machine/likeliest-line.ts';

/** What programs say on stdout and stderr when they fail, and the line of it that tells why. */
const SAID: readonly (readonly [stdout: string, stderr: string, likeliest: string])[] = [
  ['', '', ''],
  ['', 'bash: line 1: NOT_SET: unbound variable\n', 'bash: line 1: NOT_SET: unbound variable'],
  ['ERROR: disk full\n', 'Warning: this option is deprecated\n', 'ERROR: disk full'],
  ['waits\n', '', 'waits'],
  [
    'progress 3 of 9\n',
    'rsync: change_dir "/x" failed: No such file or directory (2)\n',
    'rsync: change_dir "/x" failed: No such file or directory (2)',
  ],
  ['', 'psql: error: connection refused\nHint: is it running?\n', 'psql: error: connection refused'],
  [
    '',
    'Traceback (most recent call last):\n  File "a.py", line 1\nValueError: no such shard\n',
    'ValueError: no such shard',
  ],
  ['FATAL:  role "x" does not exist\n', '+ exit 1\n', 'FATAL:  role "x" does not exist'],
  ['', '+ pg_dump --on-error-stop\npg_dump: error: no room\n+ exit 1\n', 'pg_dump: error: no room'],
  ['0 errors\ncannot reach the standby\n', 'done\n', 'cannot reach the standby'],
  ['', '10%\r50%\r100%\r\nPermission denied\r\n', 'Permission denied'],
  ['', '10%\rgave up at 50%\r\n', 'gave up at 50%'],
];

test.each(SAID)('%j and %j: %j', (stdout, stderr, likeliest) => {
  expect(likeliestLine(stdout, stderr)).toBe(likeliest);
});
