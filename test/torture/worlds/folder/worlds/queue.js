// Puts a message into a queue for each POST, and tells all that are in it.
import { createServer } from 'node:http';
import { argv, env } from 'node:process';
import { createClient } from '@redis/client';

const redis = createClient({ url: env.REDIS_URL });
redis.on('error', () => undefined);
await redis.connect();

const answer = async ({ method, url }) => {
  if (method === 'POST') await redis.rPush('jobs', url.slice(1));
  return await redis.lRange('jobs', 0, -1);
};

createServer((request, response) => {
  const end = (status, body) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  answer(request).then(
    (jobs) => end(200, jobs),
    (error) => end(503, { message: error.message }),
  );
}).listen(Number(argv[argv.indexOf('--port') + 1]), '127.0.0.1');
