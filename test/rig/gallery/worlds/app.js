// A gallery, as its team would run it: orders in a database, photos in a bucket.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { argv, env } from 'node:process';
import { ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import pg from 'pg';

const database = new pg.Pool({ connectionString: env.DATABASE_URL, max: 2, connectionTimeoutMillis: 2000 });
database.on('error', () => undefined);
const storage = new S3Client({
  endpoint: env.AWS_ENDPOINT_URL,
  region: 'us-east-1',
  forcePathStyle: true,
  maxAttempts: 1,
});

const routes = {
  'GET /health': () => database.query('select 1').then(() => [200, {}]),
  'POST /orders': async (body) => {
    const { note } = JSON.parse(body.toString());
    const { rows } = await database.query('insert into orders (note) values ($1) returning id', [note]);
    return [201, { order: { id: Number(rows[0].id) } }];
  },
  'GET /orders': async (_, note) => {
    const { rowCount } = await database.query('select from orders where note = $1', [note]);
    return rowCount > 0 ? [200, { note }] : [404, {}];
  },
  'GET /photos': async () => {
    const { KeyCount } = await storage.send(new ListObjectsV2Command({ Bucket: env.BUCKET }));
    return [200, { photos: KeyCount }];
  },
  'POST /photos': async (body) => {
    const name = `${randomUUID()}.jpg`;
    await storage.send(new PutObjectCommand({ Bucket: env.BUCKET, Key: `photos/${name}`, Body: body }));
    return [201, { name }];
  },
};

createServer(async (request, response) => {
  const [, root, rest = ''] = request.url.split('/');
  const route = routes[`${request.method} /${root}`] ?? (async () => [404, {}]);
  const [status, body] = await route(await buffer(request), decodeURIComponent(rest)).catch((error) => [
    503,
    { message: error.message },
  ]);
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}).listen(Number(argv[2]), '127.0.0.1');
