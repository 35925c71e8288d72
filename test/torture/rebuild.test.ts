import { appendFileSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { CopiedProject } from '../rig/copied-project.ts';

// Whole builds, types and all; bundles.test.ts is about their last step.

const project = new CopiedProject();
afterAll(() => project.remove());

it('what does not compile leaves the last build as it was', async () => {
  const source = join(project.root, 'engine', 'cli', 'main.cts');
  const good = readFileSync(source, 'utf8');
  const [before, entry] = [project.current(), readFileSync(project.main, 'utf8')];
  appendFileSync(source, "const wrong: number = 'text';\n");
  project.compile({ noCheck: false });
  await expect(project.build()).rejects.toMatchObject({
    stdout: expect.stringMatching(/not assignable/) as string,
  });
  project.compile({ noCheck: true });
  writeFileSync(source, good);
  expect([project.current(), readFileSync(project.main, 'utf8')]).toEqual([before, entry]);
  await project.expectToStart();
});

it('two builds at once leave one whole bundle to start from', async () => {
  const before = project.current();
  project.changeSources('systemClock', 'clockOfSystem');
  await Promise.all([project.build(), project.build()]);
  expect(project.current()).not.toBe(before);
  expect(readdirSync(project.bundles)).not.toContainEqual(expect.stringMatching(/\.\d+$/));
  await project.expectToStart();
});
