// The shop, as its team would run it: a page that says how many orders it can read.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { argv, env, execPath } from 'node:process';
import pg from 'pg';

const port = Number(argv[argv.indexOf('--port') + 1]);
const database = new pg.Pool({ connectionString: env.DATABASE_URL, max: 2, connectionTimeoutMillis: 2000 });
database.on('error', () => undefined);

// What it starts and lets go of, in a process group of its own: the world has to find it all the same.
spawn(execPath, ['-e', 'setInterval(() => undefined, 1000)', '--', `shop-helper-${port}`], {
  detached: true,
  stdio: 'ignore',
}).unref();

createServer((request, response) => {
  const answer = (status, body) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  if (request.url !== '/health') {
    answer(404, { message: 'not found' });
    return;
  }
  database.query('select count(note)::int as orders from orders').then(
    ({ rows }) => answer(200, { orders: rows[0].orders, greeting: env.GREETING ?? 'hello' }),
    (error) => answer(503, { message: error.message }),
  );
}).listen(port, '127.0.0.1');
