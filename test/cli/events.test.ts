import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CloudEvent, HTTP } from 'cloudevents';
import { expect, it, onTestFinished } from 'vitest';
import { drillbook, temporaryFolder } from '../rig/drillbook.ts';
import { serveHttp } from '../rig/http-server.ts';
import type { HttpServerRig } from '../rig/http-server.ts';

const PLAYBOOK = `version: 1
id: asks
title: Asks
summary: One step, then one question.
steps:
  - { id: look, title: Look, uses: shell, effect: read, with: { script: echo something } }
  - { id: decide, uses: manual, title: Decide, with: { instructions: Decide. } }
`;
const BEARER = 'tango-bearer-9';

async function project(): Promise<{ readonly cwd: string; readonly server: HttpServerRig }> {
  const server = await serveHttp((_request, response) => response.writeHead(202).end());
  onTestFinished(() => server.close());
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, 'playbooks', 'environments'), { recursive: true });
  writeFileSync(join(cwd, 'playbooks', 'asks.yaml'), PLAYBOOK);
  writeFileSync(
    join(cwd, 'playbooks', 'environments', 'desk.yaml'),
    `version: 1\nname: desk\nkind: staging\nevents: { url: ${server.url}/in, auth: { bearer: { env: EVENTS_TOKEN } } }\n`,
  );
  return { cwd, server };
}

/** As the standard's own SDK reads them. */
const eventsAt = ({ received }: HttpServerRig): readonly CloudEvent<unknown>[] =>
  received
    .flatMap(({ headers, body }) => HTTP.toEvent<unknown>({ headers, body }))
    .map((event) => new CloudEvent(event));

it('tells the address of the environment what happens in a run, and after a resume the same with the same ids', async () => {
  const { cwd, server } = await project();
  const env = { EVENTS_TOKEN: BEARER };
  const { exitCode } = await drillbook(['recover', 'asks', '--env', 'desk'], { cwd, env });
  expect(exitCode).toBe(4);
  const first = eventsAt(server);
  expect(first.map(({ type }) => type.replace('dev.drillbook.', ''))).toEqual(
    expect.arrayContaining(['run.started', 'step.started', 'step.finished', 'run.paused']),
  );
  expect(first.every((event) => event.validate())).toBe(true);
  expect(first[0]).toMatchObject({ source: '/drillbook/desk', drillbookmode: 'recover' });
  expect(server.received.every(({ headers }) => headers.authorization === `Bearer ${BEARER}`)).toBe(true);
  expect(server.received.map(({ body }) => body).join('')).not.toContain(BEARER);

  const before = first.map(({ id }) => id);
  await drillbook(['resume', String(first[0]?.subject)], { cwd, env });
  const again = eventsAt(server).slice(first.length);
  expect(again.slice(0, before.length).map(({ id }) => id)).toEqual(before);
  expect(again.slice(before.length).some(({ type }) => type === 'dev.drillbook.run.resumed')).toBe(true);
  const all = new Map(eventsAt(server).map(({ id, data, type }) => [id, JSON.stringify([type, data])]));
  for (const { id, data, type } of eventsAt(server)) expect(all.get(id)).toBe(JSON.stringify([type, data]));
});

it('goes on as ever where nobody takes the events, and says so in the end', async () => {
  const { cwd, server } = await project();
  await server.close();
  const { exitCode, stderr } = await drillbook(['recover', 'asks', '--env', 'desk'], {
    cwd,
    env: { EVENTS_TOKEN: 'x' },
  });
  expect(exitCode).toBe(4);
  expect(stderr).toMatch(/\d events of this run could not be sent: .*127\.0\.0\.1/);
  expect((await drillbook(['audit', '--verify'], { cwd })).exitCode).toBe(0);
});
