import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadEnvironment } from '../../engine/load/environment.ts';
import { folderLibrary } from '../../engine/load/library.ts';
import { loadPlaybook } from '../../engine/load/playbook.ts';
import type { Diagnostic } from '../../engine/source/diagnostic.ts';
import { SourceFile } from '../../engine/source/file.ts';
import { formatDiagnostic } from '../../engine/source/frame.ts';

/**
 * What `check` says of a file, case by case. A folder holds a `playbook.yaml` or an
 * `environment.yaml` (or both), the playbooks that it calls, and `expected.txt`.
 * `UPDATE_GOLDEN=1 npx vitest run test/load/golden.test.ts` writes the latter anew.
 */
const folder = fileURLToPath(new URL('../cases/load/', import.meta.url));

const TODAY = '2026-01-01';

const read = (path: string, shown: string): SourceFile => new SourceFile(shown, readFileSync(path, 'utf8'));

async function diagnose(path: string): Promise<readonly Diagnostic[]> {
  const environmentPath = join(path, 'environment.yaml');
  const environment = existsSync(environmentPath)
    ? await loadEnvironment(read(environmentPath, 'environment.yaml'))
    : undefined;
  const playbookPath = join(path, 'playbook.yaml');
  if (!existsSync(playbookPath)) return environment?.diagnostics ?? [];
  const library = folderLibrary([path]);
  const shortNames = {
    ids: () => library.ids(),
    find: async (id: string) => {
      const found = await library.find(id);
      return found === undefined ? undefined : new SourceFile(`${id}.yaml`, found.text);
    },
  };
  const loaded = await loadPlaybook(read(playbookPath, 'playbook.yaml'), shortNames, {
    today: TODAY,
    ...(environment?.value !== undefined && { environment: environment.value }),
  });
  const failed = loaded.diagnostics.some(({ severity }) => severity === 'error');
  expect(loaded.value === undefined).toBe(failed);
  return [...(environment?.diagnostics ?? []), ...loaded.diagnostics];
}

test.each(readdirSync(folder))('%s', async (name) => {
  const diagnostics = await diagnose(join(folder, name));
  const text = `${diagnostics.map((each) => formatDiagnostic(each, { color: false })).join('\n\n')}\n`;
  const expectedPath = join(folder, name, 'expected.txt');
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(expectedPath, text);
  expect(text).toBe(existsSync(expectedPath) ? readFileSync(expectedPath, 'utf8') : '');
});
