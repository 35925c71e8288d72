// A page, as a team would serve it. It starts something that leaves its process group.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { argv, execPath } from 'node:process';

spawn(execPath, ['-e', 'setInterval(() => undefined, 1000)'], { detached: true, stdio: 'ignore' }).unref();

createServer((_, response) => response.end('here')).listen(
  Number(argv[argv.indexOf('--port') + 1]),
  '127.0.0.1',
);
