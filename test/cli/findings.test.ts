import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { drillbook, temporaryFolder } from '../rig/drillbook.ts';
import { violations } from '../rig/output-schema.ts';
import { writePastRuns } from '../rig/past-runs.ts';

const ASKS = `version: 1
id: asks
title: Asks
summary: One question.
steps:
  - { id: look, uses: manual, title: Look at it, with: { instructions: Look. } }
`;
const NOTE = ['Nobody knew the <b>password</b> of the vault', '--owner', 'bob', '--due', '2026-02-01'];

describe('drillbook finding', () => {
  it('has an owner and a date, and is told until it is done: in lists, history and the report of its run', async () => {
    const cwd = temporaryFolder();
    const [run = ''] = await writePastRuns(join(cwd, '.drillbook'), [{ at: '2026-01-05T09:00:00Z' }]);
    const noted = await drillbook(['finding', run, ...NOTE, '--operator', 'ada'], { cwd });
    expect(noted.stdout).toContain('Noted as finding 1. The next run of database-corruption begins with it.');

    const listed = await drillbook(['findings', 'database-corruption', '--json'], { cwd });
    expect(violations('findings')(JSON.parse(listed.stdout))).toEqual([]);
    expect(JSON.parse(listed.stdout)).toMatchObject({
      ...{ format: 'drillbook-findings', version: 1 },
      findings: [{ id: 1, run, owner: 'bob', due: '2026-02-01', by: 'ada' }],
    });
    const { stdout: history } = await drillbook(['history'], { cwd });
    expect(history.replaceAll(/\s+/g, ' ')).toContain(
      `To be seen to Nobody knew the <b>password</b> of the vault (bob, due 2026-02-01; finding 1 of ${run})`,
    );
    const ticket = await drillbook(['report', '--format', 'md'], { cwd });
    expect(ticket.stdout).toMatch(
      /## To be seen to\n\n- \[ \] open, finding 1: Nobody knew the \\<b\\>password\\<\/b\\> of the vault: bob: due 2026-02-01$/m,
    );

    const done = ['finding', '--done', '1', '--reason', 'it is in the safe', '--operator', 'bob'];
    expect((await drillbook(done, { cwd })).exitCode).toBe(0);
    expect((await drillbook(['findings'], { cwd })).stdout).toContain('Nothing is to be seen to.');
    expect((await drillbook(['report', '--format', 'md'], { cwd })).stdout).toContain(
      '- [x] done: Nobody knew',
    );
    expect(await drillbook(done, { cwd })).toMatchObject({ exitCode: 2 });
  });

  it('is not noted without somebody who sees to it, or by no day', async () => {
    const cwd = temporaryFolder();
    const [run = ''] = await writePastRuns(join(cwd, '.drillbook'), [{ at: '2026-01-05T09:00:00Z' }]);
    const nobody = await drillbook(['finding', run, 'It was slow'], { cwd });
    expect([nobody.exitCode, nobody.stderr]).toEqual([
      2,
      expect.stringContaining('a finding needs --owner NAME, --due DATE'),
    ]);
    const never = await drillbook(['finding', run, 'x', '--owner', 'bob', '--due', '2026-02-30'], { cwd });
    expect(never.stderr).toContain('--due 2026-02-30 is no day');
    const other = await drillbook(['finding', '20990101-0000-none', ...NOTE], { cwd });
    expect(other.exitCode).not.toBe(0);
  });

  it('opens a recovery too, and a list of them that was altered keeps nobody from it', async () => {
    const cwd = temporaryFolder();
    const [run = ''] = await writePastRuns(join(cwd, '.drillbook'), [
      { at: '2026-01-05T09:00:00Z', playbook: 'asks' },
    ]);
    mkdirSync(join(cwd, 'playbooks', 'environments'), { recursive: true });
    writeFileSync(join(cwd, 'playbooks', 'asks.yaml'), ASKS);
    writeFileSync(
      join(cwd, 'playbooks', 'environments', 'desk.yaml'),
      'version: 1\nname: desk\nkind: staging\n',
    );
    await drillbook(['finding', run, ...NOTE, '--operator', 'ada'], { cwd });
    const recover = () => drillbook(['recover', 'asks', '--env', 'desk', '--unattended'], { cwd });
    const told = await recover();
    expect(told.stdout).toContain(
      'Last time: Nobody knew the <b>password</b> of the vault (bob, due 2026-02-01',
    );
    expect(told.exitCode).toBe(4);

    const ledger = join(cwd, '.drillbook', 'ledgers', 'findings.jsonl');
    writeFileSync(ledger, readFileSync(ledger, 'utf8').replace('Nobody', 'Somebody'));
    const altered = await recover();
    expect(altered.stderr).toContain('What was found the last times cannot be read: ');
    expect(altered).toMatchObject({ exitCode: 4, stdout: expect.stringContaining('your turn') as string });
  });
});
