// The API of PeakOps, in small: `node api.mjs APPLICATION PORT`. What its tables and pages are is up to the application.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { application, everySecond, openPool } from './database.mjs';
import { bucket, put, size } from './storage.mjs';

const { readAll, heartbeat, insertInspection, insertVideo, login, recent, newestVideo } = await application();
const pool = openPool(process.env.DATABASE_URL);

// One that cannot read does not come up.
await pool.query(readAll);

const unavailable = (reason) => ({ status: 503, body: { status: 'unavailable', reason } });
const notFound = { status: 404, body: { detail: 'Not found.' } };

const pages = {
  'GET /api/health/': async () => {
    // Every row: a bare count may be answered from an index.
    await pool.query(readAll);
    return { status: 200, body: { status: 'ok' } };
  },
  [`POST ${login.path}`]: async (body) => {
    const { [login.name]: who, password } = JSON.parse(body);
    const { rows } = await pool.query(login.findUser, [who ?? '']);
    return rows.length === 1 && password === login.password
      ? { status: 200, body: { token: `user-${rows[0].id}` } }
      : { status: 401, body: { detail: 'No active account found with the given credentials' } };
  },
  [`GET ${recent.path}`]: async () => {
    const { rows } = await pool.query(recent.query);
    return { status: 200, body: recent.list === undefined ? rows : { count: rows.length, [recent.list]: rows } };
  },
  'POST /api/inspections/': async (body) => {
    const { rows } = await pool.query(insertInspection, [JSON.parse(body).notes]);
    return { status: 201, body: rows[0] };
  },
  // The body is the video. Its row is written once the bucket has confirmed the bytes.
  'POST /api/videos/': async (body) => {
    if (bucket === undefined) return unavailable('no bucket is configured');
    const key = `uploads/live/${createHash('md5').update(body).digest('hex')}.mp4`;
    await put(key, body);
    const { rows } = await pool.query(insertVideo, [key]);
    return { status: 201, body: { key, ...rows[0] } };
  },
  // Whether the newest video can be played: its key from the database, its bytes from the bucket.
  ...(newestVideo !== undefined && {
    [`GET ${newestVideo.path}`]: async () => {
      if (bucket === undefined) return unavailable('no bucket is configured');
      const { rows } = await pool.query(newestVideo.query);
      return rows.length === 0
        ? notFound
        : { status: 200, body: { key: rows[0].key, bytes: await size(rows[0].key) } };
    },
  }),
};

async function answer({ method, url }, body) {
  const page = pages[`${method} ${url.split('?')[0]}`];
  if (page === undefined) return notFound;
  try {
    return await page(body);
  } catch (error) {
    return unavailable(error.message);
  }
}

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', async () => {
    const { status, body } = await answer(request, Buffer.concat(chunks));
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  });
});
server.listen(Number(process.argv[3]), '127.0.0.1');
if (heartbeat !== undefined) everySecond(() => pool.query(heartbeat));

// What has been asked is answered: nobody is left in the dark about a write.
process.on('SIGTERM', () => server.close(() => process.exit()));
