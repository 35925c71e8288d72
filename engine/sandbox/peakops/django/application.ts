import { pbkdf2, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { micros, withConnection } from '../../postgres/client.ts';
import { RedisServer } from '../../redis/server.ts';
import type { Application, Place } from '../application.ts';
import { LOGIN } from '../application.ts';
import type { Queries } from '../queries.ts';
import { INSPECTIONS, KEY, MADE, NOTES, ROWS, UPLOADED, VIDEOS } from '../rows.ts';
import { fillTables } from '../schema.ts';
import { DjangoApi } from './api.ts';
import { Project } from './project.ts';
import { startDigests, startWorker } from './worker.ts';

/** How Django 3.2 keeps a password; a later one renews it when somebody logs in. */
const PASSWORD_ITERATIONS = 260_000;

/** PeakOps as a project of Django with workers of Celery: real programs, which read the environment as at Render. */
export async function openDjango(place: Place): Promise<Application> {
  const project = await Project.open(place);
  const redis = await RedisServer.start(place.folder, 'queue', place.onClose);
  const urlFile = project.file('queue-url');
  await writeFile(urlFile, redis.url, { mode: 0o600 });
  const variables = { CELERY_BROKER_URL: redis.url, SECRET_KEY: randomBytes(32).toString('base64url') };
  return {
    variables,
    async fill(databaseUrl, ages, pause) {
      // The tables are Django's own.
      await project.manage(['migrate', '--no-input'], { ...variables, DATABASE_URL: databaseUrl });
      const seed = { ...SEED, users: await usersWhoCanLogIn() };
      await withConnection(databaseUrl, (client) => fillTables(client, seed, ages, pause));
    },
    findInspections: `
      select id::text as id, ${micros('created_at')} as at from inspections where id = any($1::bigint[])`,
    startApi: (environment, options) => DjangoApi.start(project, environment, options),
    startWorker: (environment, name) => startWorker(project, environment, name),
    others: { digests: (environment) => startDigests(project, environment) },
    person: { table: 'users', column: 'username' },
    dnsProvider: 'cloudflare',
    environment: {
      redis: {
        queue: {
          name: 'celery',
          url: { file: urlFile },
          fingerprint: { host: `127.0.0.1:${String(redis.port)}`, database: 0 },
        },
      },
      application: {
        health: { path: '/api/health/' },
        checks: [
          { title: 'Recent inspections are shown', path: '/api/inspections/', atLeast: 1, list: 'results' },
        ],
        login: { path: '/api/auth/login/', json: { username: LOGIN.who, password: LOGIN.password } },
        tables: { users: {}, inspections: { time: 'created_at' }, videos: { time: 'created_at' } },
        writers: ['api', 'worker', 'digests'],
        queue: { redis: 'queue', names: ['celery'] },
        migrations: { table: 'django_migrations', app: 'app', name: 'name', time: 'applied' },
        heartbeat: { table: 'pulse_heartbeat', time: 'at', within: '5s' },
        worker: { table: 'pulse_heartbeat', time: 'at', within: '5s' },
        media: {
          ...{ table: 'videos', column: 'file', time: 'created_at' },
          ...{ bucket: 'videos', prefix: 'uploads/', check: '/api/videos/newest/' },
        },
      },
    },
  };
}

const SEED: Omit<Queries['seed'], 'users'> = {
  inspections: `
    insert into inspections (title, report, inspector_id, created_at)
    select 'Site ' || (n * 7919) % 97, ${NOTES}, 1 + n % ${String(ROWS.users)}, ${MADE} ${INSPECTIONS}`,
  videos: `
    insert into videos (inspection_id, file, created_at, processed_at)
    select n * 10, ${KEY}, ${UPLOADED}, ${UPLOADED} ${VIDEOS}`,
};

/** Each has the same password, of which Django keeps this. */
async function usersWhoCanLogIn(): Promise<string> {
  const salt = randomBytes(12).toString('hex');
  const key = await promisify(pbkdf2)(LOGIN.password, salt, PASSWORD_ITERATIONS, 32, 'sha256');
  const kept = `pbkdf2_sha256$${String(PASSWORD_ITERATIONS)}$${salt}$${key.toString('base64')}`;
  return `
    insert into users (username, password, date_joined, email, first_name, last_name,
                       is_active, is_staff, is_superuser)
    select 'inspector' || n || '@peakops.test', '${kept}', $1::timestamptz - interval '100 days',
           'inspector' || n || '@peakops.test', '', '', true, false, false
    from generate_series(1, ${String(ROWS.users)}) n`;
}
