// @module-tag needs/sshd
// @module-tag needs/ssh
// @module-tag needs/ssh-keygen
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { ValueMap } from '../../../engine/base/value.ts';
import { identify } from '../../../engine/kinds/environment/identity.ts';
import { loadEnvironment } from '../../../engine/load/environment.ts';
import type { WorldPlan } from '../../../engine/model/world.ts';
import { isAlive } from '../../../engine/sandbox/ground/process.ts';
import type { World } from '../../../engine/sandbox/world.ts';
import { SourceFile } from '../../../engine/source/file.ts';
import { PATIENCE_MS } from '../../rig/patience.ts';
import { kindOf, stepRig } from '../../rig/step.ts';
import { folderOf, open, planOf, stateOf } from '../parts-rig.ts';
import { processesOf, until } from '../rig.ts';

const APP = `require('node:http').createServer((_, response) => response.end('ok')).listen(process.argv[2], '127.0.0.1');
console.log('the shop is open');
`;

const host = (): WorldPlan =>
  planOf(
    `
parts:
  web:
    uses: ssh-host
    with:
      units:
        shop: { command: [node, app.cjs, "\${{ port }}"], ready: { url: "http://127.0.0.1:\${{ port }}/" } }
        mailer: { command: [sleep, 600] }
        back-office: { command: [node, app.cjs, "\${{ port }}"] }
environment:
  hosts: { web: "\${{ parts.web }}" }
  values: { shop: "\${{ parts.web.units.shop.url }}", office: "\${{ parts.web.units['back-office'].url }}" }
`,
    { 'app.cjs': APP },
  );

interface WebTarget extends ValueMap {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly identity: ValueMap & { readonly path: string };
}

interface WebEnvironment {
  readonly hosts: { readonly web: WebTarget };
  readonly values: { readonly shop: string; readonly office: string };
}

async function environmentOf(world: World): Promise<WebEnvironment> {
  const { value } = await loadEnvironment(new SourceFile('sandbox.yaml', await world.environmentText()));
  return value?.data as unknown as WebEnvironment;
}

/** What somebody types who has logged in. */
async function typed(world: World, script: string): Promise<ValueMap> {
  const { hosts } = await environmentOf(world);
  const remote = await kindOf('shell');
  const web = { ...hosts.web, $target: 'hosts.web' };
  return await remote.run({ host: web, script, ok: [0, 1, 3, 4, 5] }, stepRig().context);
}

/** One that hangs would be waited for to the end. */
const isOpen = async (world: World, withinMs = PATIENCE_MS): Promise<boolean> =>
  fetch((await environmentOf(world)).values.shop, { signal: AbortSignal.timeout(withinMs) }).then(
    ({ ok }) => ok,
    () => false,
  );

interface WebState {
  readonly units: { readonly shop: { readonly pid: number; readonly running: boolean } };
}

const shopOf = async (world: World): Promise<WebState['units']['shop']> =>
  ((await stateOf(world, 'web')) as unknown as WebState).units.shop;

describe('a part of the kind ssh-host', () => {
  test('is an entry of the environment that proves who it is, and has a home of its own', async () => {
    const world = await open(host());
    const { hosts } = await environmentOf(world);
    const { environment, secrets, signal } = stepRig().context;
    const use = { group: 'hosts', path: 'hosts.web', target: hosts.web, effect: 'write' } as const;
    expect(await identify(use, environment, secrets, signal)).toMatchObject({ verdict: 'match' });
    const { stdout } = await typed(world, 'cd && pwd');
    expect(stdout).toContain(folderOf(world));
    expect(await isOpen(world)).toBe(true);
  });

  test('has a systemctl that starts and stops its units, and ends as systemctl does', async () => {
    const world = await open(host());
    const { pid } = await shopOf(world);
    expect(await typed(world, 'systemctl stop shop.service')).toMatchObject({ exitCode: 0 });
    expect(isAlive(pid)).toBe(false);
    expect(await typed(world, 'systemctl is-active shop')).toMatchObject({
      exitCode: 3,
      stdout: 'inactive\n',
    });
    expect(await typed(world, 'systemctl restart shop mailer && systemctl is-active shop')).toMatchObject({
      exitCode: 0,
      stdout: 'active\n',
    });
    expect(await isOpen(world)).toBe(true);
    const { stdout } = await typed(world, 'systemctl status shop');
    expect(stdout).toMatch(/^shop\.service active\n {3}Main PID: \d+\n[\s\S]*the shop is open/);
    expect(await typed(world, 'systemctl start shpo')).toMatchObject({
      exitCode: 5,
      stderr: 'Failed to start shpo.service: Unit shpo.service not found.\n',
    });
    expect(await typed(world, 'systemctl mask shop')).toMatchObject({ exitCode: 1 });
  });

  test('gives each of its units a port of its own', async () => {
    const world = await open(host());
    const { shop, office } = (await environmentOf(world)).values;
    expect(shop).not.toBe(office);
    await typed(world, 'systemctl stop shop');
    await expect(fetch(shop)).rejects.toThrow();
    expect((await fetch(office)).status).toBe(200);
  });

  test('is broken at the unit that is named, and mended by who logs in', async () => {
    const world = await open(host());
    await expect(world.inject('process.kill', {})).rejects.toThrow(
      /say which unit of web: shop or mailer or back-office/,
    );
    const { description } = await world.inject('process.kill', { unit: 'shop' });
    expect(description).toMatch(/^the unit shop of hosts\.web was killed/);
    expect(await isOpen(world)).toBe(false);
    expect(await typed(world, 'systemctl is-active shop')).toMatchObject({ exitCode: 3 });
    // As with systemd, one that is active is enough.
    expect(await typed(world, 'systemctl is-active shop mailer')).toMatchObject({
      exitCode: 0,
      stdout: 'failed\nactive\n',
    });
    await typed(world, 'systemctl start shop');
    expect(await isOpen(world)).toBe(true);
    await world.inject('process.hang', { unit: 'shop' });
    expect(await isOpen(world, 1000)).toBe(false);
    await typed(world, 'systemctl restart shop');
    expect(await isOpen(world)).toBe(true);
  });

  test('has a bad version of a unit that no restart mends, until who logs in reverts it', async () => {
    const world = await open(host());
    const { description } = await world.inject('process.deploy-bad', { unit: 'shop' });
    expect(description).toMatch(/^a version of the unit shop of hosts\.web was deployed that does not start/);
    expect(await typed(world, 'systemctl restart shop')).toMatchObject({ exitCode: 1 });
    expect(await isOpen(world)).toBe(false);
    expect(await typed(world, 'systemctl is-active mailer')).toMatchObject({ exitCode: 0 });
    await typed(world, 'systemctl revert shop && systemctl restart shop');
    expect(await isOpen(world)).toBe(true);
    // Once more does no harm.
    await typed(world, 'systemctl revert shop && systemctl restart shop');
    expect(await isOpen(world)).toBe(true);
  });

  test('leaves nothing behind when its world is killed, what somebody started on it included', async () => {
    const world = await open(host());
    const folder = folderOf(world);
    const { pid } = await shopOf(world);
    const { address, port, user, identity } = (await environmentOf(world)).hosts.web;
    await promisify(execFile)('ssh', [
      ...['-i', identity.path, '-p', String(port)],
      ...['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'],
      `${user}@${address}`,
      'nohup setsid sleep 4711.5 > /dev/null 2>&1 < /dev/null &',
    ]);
    await until(
      'it runs, and nobody waits for it',
      () => processesOf('sleep 4711.5'),
      (lines) => lines.length === 1,
    );
    process.kill(Number(world.address['pid']), 'SIGKILL');
    await until(
      'nothing runs',
      async () => [...(await processesOf(folder)), ...(await processesOf('sleep 4711.5'))],
      (left) => left.length === 0,
    );
    await until(
      'the unit is gone',
      () => isAlive(pid),
      (alive) => !alive,
    );
  });
});
