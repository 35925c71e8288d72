import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Json } from '../../engine/base/json.ts';
import type { Event } from '../../engine/model/event.ts';
import { drillbook, temporaryFolder } from '../rig/drillbook.ts';
import { DRILL_MS, derived } from '../rig/rehearsal.ts';
import { processesOf } from '../sandbox/rig.ts';

/** The live database may be reached from an office, and the newest backup has no column that could be masked. */
const CANNOT_BE_MASKED = `
  - id: office
    title: An office may come in to the live database
    uses: render.allow-ip
    with: { database: "\${{ env.databases.main }}", exactly: [{ cidrBlock: 198.51.100.7 }, { cidrBlock: 127.0.0.1 }] }
  - id: renamed
    title: Somebody has renamed the column of the addresses
    uses: sql.execute
    effect: write
    touches: \${{ env.databases.main }}
    with: { database: "\${{ env.databases.main }}", statement: alter table users rename column email to mail }
  - id: exported
    title: And made an export since
    uses: render.export-postgres
    with: { database: "\${{ env.databases.main }}" }
`;

const eventsOf = (stdout: string): readonly Event[] =>
  stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Event);

/** Asks the sandbox's Render as whoever has its key. */
type Ask = (path: string) => Promise<Json>;

async function renderOf(events: readonly Event[]): Promise<Ask> {
  const started = events.find((event) => event.type === 'world.started');
  const { render } = parse(started?.environment.text ?? '') as {
    readonly render: { readonly api: string; readonly key: { readonly file: string } };
  };
  const key = (await readFile(render.key.file, 'utf8')).trim();
  return async (path) => {
    const response = await fetch(`${render.api}${path}`, { headers: { authorization: `Bearer ${key}` } });
    return (await response.json()) as Json;
  };
}

interface Instance {
  readonly id: string;
  readonly name: string;
  readonly ipAllowList: readonly { readonly cidrBlock: string }[];
}

/** The copy that the run has made, as it stands at Render. */
async function copyAt(ask: Ask): Promise<Instance> {
  const list = (await ask('/postgres')) as unknown as readonly { readonly postgres: Instance }[];
  const copy = list.find(({ postgres }) => postgres.name.startsWith('drillbook-'));
  return (await ask(`/postgres/${copy?.postgres.id ?? ''}`)) as unknown as Instance;
}

/** Every variable of every service, as it is now. */
async function variables(ask: Ask): Promise<Json> {
  const services = (await ask('/services')) as readonly { readonly service: { readonly id: string } }[];
  return Promise.all(services.map(({ service }) => ask(`/services/${service.id}/env-vars`)));
}

test(
  'a restore that stops before it has masked leaves its copy closed, and deletes it when it is aborted',
  { timeout: 2 * DRILL_MS },
  async () => {
    const cwd = temporaryFolder();
    const { id, args } = derived('restore-newest-dump', CANNOT_BE_MASKED);
    const stopped = await drillbook(['drill', id, '--json', ...args], { cwd });
    const events = eventsOf(stopped.stdout);
    expect(events.at(-1), stopped.stderr).toMatchObject({ type: 'run.paused' });
    expect(events.findLast((event) => event.type === 'gate.opened')).toMatchObject({ key: 'mask' });
    expect(events).toContainEqual(expect.objectContaining({ type: 'step.finished', key: 'restore' }));

    // While it is paused the copy stands, and holds what customers wrote.
    const ask = await renderOf(events);
    const { id: copy, ipAllowList } = await copyAt(ask);
    expect(ipAllowList.map(({ cidrBlock }) => cidrBlock)).toEqual(['127.0.0.1/32']);
    const info = (await ask(`/postgres/${copy}/connection-info`)) as Readonly<Record<string, string>>;
    const pointed = JSON.stringify(await variables(ask));
    expect(pointed).toContain('DATABASE_URL');
    for (const connection of [info['internalConnectionString'], info['externalConnectionString']]) {
      expect(connection).toMatch(/^postgres/);
      expect(pointed).not.toContain(connection);
    }

    writeFileSync(
      join(cwd, 'aborted.json'),
      JSON.stringify({ 'onFailure/mask': { answer: 'abort', reason: 'the column is gone' } }),
    );
    const aborted = await drillbook(['resume', '--json', '--answers', 'aborted.json'], { cwd });
    const all = [...events, ...eventsOf(aborted.stdout)];
    expect(all.at(-1), aborted.stderr).toMatchObject({ type: 'run.finished', outcome: 'aborted' });
    const settled = all.filter((event) => event.type === 'debt.settled');
    expect(settled).toContainEqual(expect.objectContaining({ key: 'database', how: 'paid' }));
    const started = events.find((event) => event.type === 'world.started');
    expect(await processesOf((started?.address as { readonly folder: string }).folder)).toEqual([]);
  },
);
