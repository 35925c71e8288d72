import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { folderFiles, playbookFiles, TEMPLATES, titleOf } from '../../engine/cli/templates.ts';
import type { Template } from '../../engine/cli/templates.ts';
import { loadEnvironment } from '../../engine/load/environment.ts';
import { folderLibrary } from '../../engine/load/library.ts';
import { loadPlaybook } from '../../engine/load/playbook.ts';
import { loadSchedule } from '../../engine/load/schedule.ts';
import { SourceFile } from '../../engine/source/file.ts';
import { temporaryFolder } from '../rig/drillbook.ts';

const fillingOf = (title: string, today = '2026-01-31') => ({
  id: 'api-down',
  title,
  playbooks: join(temporaryFolder(), 'playbooks'),
  today,
});

const EACH: readonly (readonly [string, Template])[] = TEMPLATES.map((template) => [template.name, template]);

/** The files of a folder by the ends of their paths. */
function filesOf(template: Template) {
  const files = folderFiles(template, fillingOf('Api down'));
  return (end: string): SourceFile => {
    const found = files.find(({ path }) => path.endsWith(end));
    if (found === undefined) throw new Error(`${template.name} makes no ${end}`);
    return new SourceFile(found.path, found.text);
  };
}

async function load(template: Template, title: string, today = '2026-01-31') {
  const [playbook] = playbookFiles(template, fillingOf(title, today));
  if (playbook === undefined) throw new Error('no playbook');
  return loadPlaybook(new SourceFile(playbook.path, playbook.text), folderLibrary([]), { today });
}

describe.each(EACH)('the template %s', (_name, template) => {
  it('has a playbook that is in order in its environment', async () => {
    const file = filesOf(template);
    const { value: environment, diagnostics } = await loadEnvironment(file('environments/staging.yaml'));
    expect(diagnostics).toEqual([]);
    if (environment === undefined) throw new Error('no environment');
    const loaded = await loadPlaybook(file('api-down.yaml'), folderLibrary([]), { environment });
    expect(loaded.diagnostics).toEqual([]);
  });

  it('schedules that playbook where it can be drilled', () => {
    const file = filesOf(template)('schedule.yaml');
    const known = { playbooks: ['api-down'], examples: [], environments: ['sandbox', 'staging'] };
    const { value, diagnostics } = loadSchedule(file, known);
    expect(diagnostics).toEqual([]);
    expect(value?.entries).toMatchObject([
      { playbook: 'api-down', environment: template.environment, title: 'Api down' },
    ]);
  });

  it('has a workflow that drills only what needs no staging', () => {
    const { text } = filesOf(template)('.github/workflows/drillbook.yml');
    const workflow = parse(text) as { readonly jobs: { readonly drillbook: { readonly steps: object[] } } };
    const runs = workflow.jobs.drillbook.steps.flatMap((step) => ('run' in step ? [String(step.run)] : []));
    expect(runs[0]).toBe('npm ci');
    expect(runs.some((run) => /drillbook check --format github --playbooks /.test(run))).toBe(true);
    expect(runs.some((run) => /drillbook drill api-down --unattended/.test(run))).toBe(
      template.environment === 'sandbox',
    );
  });

  it.each(['Api down', 'yes', 'a: b', '# no comment', '"quoted"', '- item', 'ü', '$&'])(
    'keeps the title %j as it was typed',
    async (title) => {
      const { value, diagnostics } = await load(template, title);
      expect(diagnostics).toEqual([]);
      expect(value?.title).toBe(title);
    },
  );
});

it.each([
  ['2026-01-31', '2026-04-30'],
  ['2026-11-22', '2027-02-22'],
  ['2027-11-30', '2028-02-29'],
])('reviewed on %s, it is due again on %s', async (day, due) => {
  for (const template of TEMPLATES) {
    expect((await load(template, 'T', day)).value).toMatchObject({ reviewed: day, nextReview: due });
  }
});

it('makes a title of a name', () => {
  expect(titleOf('s3-bucket-loss')).toBe('S3 bucket loss');
});
