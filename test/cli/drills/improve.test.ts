import { readFile, stat, chmod, writeFile } from 'node:fs/promises';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { drillbook, temporaryFolder } from '../../rig/drillbook.ts';

it('drill, improve, improve --apply: the file learns what the drill measured', async () => {
  const cwd = temporaryFolder();
  const path = join(cwd, 'playbooks/api-down.yaml');
  await drillbook(['new', 'api-down', '--template', 's3'], { cwd });
  const before = (await readFile(path, 'utf8'))
    .replace('expect: 2m ', 'expect: 1ms')
    .replace(/reviewed: .*/, 'reviewed: "2025-01-01"')
    .replace(/nextReview: "[^"]*"/, 'nextReview: "2025-04-01"');
  await writeFile(path, before);
  await chmod(path, 0o640);

  const drilled = await drillbook(['drill', 'api-down', '--unattended'], { cwd });
  expect(drilled.stdout).toMatch(
    /PROPOSED CHANGES OF THE PLAYBOOK\n[^]*“Bring the deleted files back”: expect \d+s/,
  );
  expect(drilled.exitCode).toBe(0);

  const shown = await drillbook(['improve'], { cwd });
  expect(shown.stdout).toMatch(/^--- a\/playbooks\/api-down\.yaml$/m);
  expect(shown.stdout).toMatch(/^-reviewed: "2025-01-01"$/m);
  expect(shown.stdout).toMatch(/^-nextReview: "2025-04-01" +# drillbook check warns/m);
  expect(shown.stdout).toMatch(/^- +expect: 1ms/m);
  expect(shown.stdout).toMatch(/Nothing was changed\. .*improve \S+ --apply/);
  expect(await readFile(path, 'utf8')).toBe(before);

  const applied = await drillbook(['improve', '--apply'], { cwd });
  expect(applied.stdout).toMatch(/changed +playbooks\/api-down\.yaml/);
  const after = await readFile(path, 'utf8');
  expect(after).toMatch(/expect: \d+s +# for the forecast/);
  expect(after.split('\n').length).toBe(before.split('\n').length);
  expect((await stat(path)).mode & 0o777).toBe(0o640);
  expect(readdirSync(join(cwd, 'playbooks'))).toEqual(['api-down.yaml']);
  expect((await drillbook(['improve'], { cwd })).stdout).toMatch(/in the playbook already/);

  await writeFile(path, before.replace('since: ${{ inputs.deletedAt - duration("1s") }}', 'prefix: videos/'));
  const refused = await drillbook(['improve', '--apply'], { cwd });
  expect(refused.stderr).toMatch(/DB093: The step "Bring the deleted files back" was changed since the run/);
  expect(refused.stderr).toMatch(/nothing was changed/);
  expect(refused.exitCode).toBe(2);
});
