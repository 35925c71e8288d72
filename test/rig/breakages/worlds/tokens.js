// Two programs: one issues tokens that are good for half a minute, the other takes them only while they are.
import { createServer } from 'node:http';
import { argv, env } from 'node:process';

const GOOD_FOR_MS = 30_000;

createServer(async (request, response) => {
  const answer = (status, body) => response.writeHead(status).end(JSON.stringify(body));
  if (env.ISSUER === undefined) {
    answer(200, { issued: Date.now() });
    return;
  }
  const { issued } = await (await fetch(env.ISSUER)).json();
  const age = Date.now() - issued;
  if (Math.abs(age) < GOOD_FOR_MS) answer(200, { age });
  else answer(401, { message: age < 0 ? 'this token is not good yet' : 'this token has run out' });
}).listen(Number(argv[2]), '127.0.0.1');
