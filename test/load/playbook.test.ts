import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { folderLibrary } from '../../engine/load/library.ts';
import { loadPlaybook } from '../../engine/load/playbook.ts';
import type { Loaded } from '../../engine/load/playbook.ts';
import type { Choose, Node, Phase, Playbook, Step } from '../../engine/model/playbook.ts';
import type { Template } from '../../engine/model/template.ts';
import { SourceFile } from '../../engine/source/file.ts';

const path = fileURLToPath(new URL('fixtures/database-corruption.yaml', import.meta.url));
const file = new SourceFile('database-corruption.yaml', readFileSync(path, 'utf8'));
const library = folderLibrary([dirname(path)]);

/** A template in one line: literals as JSON, expressions in `${ }`. */
function shown(template: Template | undefined): unknown {
  switch (template?.type) {
    case undefined:
      return undefined;
    case 'literal':
      return template.value;
    case 'expression':
      return `\${${template.expression.source}}`;
    case 'text':
      return template.parts.map((part) => (typeof part === 'string' ? part : `\${${part.source}}`)).join('');
    case 'list':
      return template.items.map(shown);
    case 'map':
      return Object.fromEntries(template.entries.map(({ key, value }) => [key, shown(value)]));
  }
}

describe('a whole playbook', () => {
  let loaded: Loaded<Playbook>;
  let playbook: Playbook;

  beforeAll(async () => {
    loaded = await loadPlaybook(file, library);
    playbook = loaded.value!;
  });

  const phase = (index: number): Phase => playbook.steps[index] as Phase;
  const step = (id: string): Step => {
    const all = (nodes: readonly Node[]): readonly Node[] =>
      nodes.flatMap((node) =>
        node.type === 'phase'
          ? all(node.steps)
          : node.type === 'choose'
            ? [node, ...node.branches.flatMap((branch) => all(branch.steps))]
            : [node],
      );
    return all(playbook.steps).find((node) => node.id === id) as Step;
  };

  test('has nothing to complain about', () => {
    expect(loaded.diagnostics).toEqual([]);
    expect(loaded.sources).toEqual([file]);
  });

  test('says what it is', () => {
    const { id, title, summary, owner, priority, reviewed, nextReview, symptoms, links, needs } = playbook;
    expect({ id, title, owner, priority, reviewed, nextReview, symptoms, links, needs }).toEqual({
      id: 'database-corruption',
      title: 'Database corruption',
      owner: 'DevOps Team',
      priority: 'critical',
      reviewed: '2025-11-01',
      nextReview: '2026-02-01',
      symptoms: ['Application errors', 'Data inconsistencies', 'Failed queries'],
      links: [{ title: 'Status of Render', url: 'https://status.render.com' }],
      needs: ['databases.main', 'services.api'],
    });
    expect(summary).toMatch(/^The database answers .* put the service back\.$/);
    expect(playbook.file).toBe(file);
  });

  test('objectives are in milliseconds', () => {
    expect(playbook.objectives).toEqual({
      rto: { targetMs: 30 * 60_000, from: 'detected', to: 'verified' },
      rpo: { targetMs: 24 * 3_600_000, evidence: 'heartbeat', to: 'occurred' },
    });
  });

  test('inputs', () => {
    const [corruptedAt, scope] = playbook.inputs;
    expect(corruptedAt).toMatchObject({ name: 'corruptedAt', type: 'time', options: [] });
    expect(corruptedAt!.check!.that.source).toBe('value < now');
    expect(shown(corruptedAt!.check!.else)).toBe('It lies in the future');
    expect(scope).toMatchObject({
      type: 'choice',
      prompt: 'How much is corrupted?',
      options: [
        { value: 'tables', label: 'Some tables' },
        { value: 'database', label: 'The whole database' },
      ],
    });
    expect(shown(scope!.default)).toBe('database');
  });

  test('detection and rehearsals', () => {
    const [health] = playbook.detect;
    expect(health!.uses).toBe('http.request');
    expect(shown(health!.with)).toEqual({ url: '${env.services.api.url}/api/health/' });
    expect(health!.that.source).toBe('output.status == 200');
    const [whole, nothing] = playbook.rehearsals;
    const [fault, ...others] = whole!.faults;
    if (fault?.type !== 'part') throw new Error('no fault of a part');
    expect(others).toEqual([]);
    expect(fault.uses).toBe('postgres.corrupt-pages');
    expect(shown(fault.with)).toEqual({ table: 'inspections', share: 0.2 });
    expect(whole!.environments).toEqual(['sandbox']);
    expect(whole!.answers.map(({ key, value }) => [key, shown(value)])).toEqual([
      ['scope', 'database'],
      ['corruptedAt', '${fault.at}'],
    ]);
    expect(nothing!.faults).toEqual([]);
    expect(nothing!.answers.map(({ key }) => key)).toEqual(['*', 'corruptedAt']);
  });

  test('phases, steps and choices', () => {
    expect(playbook.steps.map(({ type, id }) => [type, id])).toEqual([
      ['phase', 'contain'],
      ['phase', 'recover'],
      ['choose', 'how'],
      ['phase', 'verify'],
    ]);
    expect(phase(0).steps.map(({ id }) => id)).toEqual(['stopApi']);
  });

  test('a debt', () => {
    const { undo, why, by } = step('stopApi');
    expect({ why, by }).toEqual({
      why: 'Rows that are written now would be lost.',
      by: 'database administrator',
    });
    expect(undo).toMatchObject({ at: 'exit', pay: 'ask', require: [] });
    expect(undo!.steps).toMatchObject([{ type: 'step', uses: 'render.resume', named: false }]);
  });

  test('a step that takes long', () => {
    const restore = step('restore');
    expect(restore).toMatchObject({
      named: true,
      title: 'Restore to just before the corruption, in a new database',
      uses: 'render.recover-postgres',
      expectMs: 720_000,
      timeoutMs: 2_700_000,
      retry: { attempts: 3, delayMs: 10_000, backoff: 2, when: { source: 'error.retryable' } },
      noReturn: false,
      idempotent: false,
    });
    expect(shown(restore.with)).toEqual({
      database: '${env.databases.main}',
      at: '${inputs.corruptedAt - duration("1s")}',
    });
  });

  test('a step with a gate', () => {
    const { confirm, require, noReturn, answers, rebind } = step('switch');
    expect(shown(confirm!.message)).toBe(
      'From here on the database ${env.databases.main.name} is no longer used.',
    );
    expect(shown(confirm!.type)).toBe('${env.databases.main.name}');
    expect(confirm!.onDecline).toEqual({ do: 'abort' });
    expect(require).toHaveLength(1);
    expect(require[0]!.that.source).toBe('steps.restore.outcome == "succeeded"');
    expect(noReturn).toBe(true);
    expect(answers).toEqual([{ answer: 'skip', allow: 'never' }]);
    expect(rebind.map(({ key, value }) => [key, shown(value)])).toEqual([
      ['databases.main', '${steps.restore.output.database}'],
    ]);
  });

  test('a choice', () => {
    const how = playbook.steps[2] as Choose;
    expect(how.pick!.source).toBe('inputs.scope == "tables" ? "resume" : "deploy"');
    expect(how.prompt).toBeUndefined();
    expect(how.branches.map(({ name, title, when }) => [name, title, when?.source])).toEqual([
      ['resume', 'Resume it', undefined],
      ['deploy', 'Resume and deploy it', 'inputs.scope == "database"'],
    ]);
    expect(how.branches.map(({ outputs }) => shown(outputs[0]!.value))).toEqual(['resumed', '${"deployed"}']);
    expect(step('resume').settles).toEqual(['stopApi']);
    expect(step('deploy').onFailure).toEqual({ do: 'branch', branch: 'resume' });
  });

  test('checks and evidence', () => {
    const counts = step('counts');
    expect(counts.assert[0]!.that.source).toBe('output.rows[0].inspections > 0');
    expect(shown(counts.with)).toMatchObject({ params: ["${inputs.corruptedAt - duration('1h')}", 1] });
    expect(counts.record.map(({ key, value }) => [key, shown(value)])).toEqual([
      ['recoveryPoint', '${steps.restore.output.target}'],
    ]);
    expect(counts.mark).toEqual(['restored']);
    expect(shown(counts.prove!.with)).toMatchObject({ query: 'select 1' });
    const health = step('health');
    expect(health.mark).toEqual(['serving', 'verified']);
    expect(health.outcomes.map(({ name, that }) => [name, that.source])).toEqual([
      ['degraded', 'output.status == 207'],
    ]);
    expect(health.until).toMatchObject({
      that: { source: 'output.status == 200' },
      failWhen: { source: 'output.status == 401' },
      delayMs: 1000,
      everyMs: 5000,
      timeoutMs: 600_000,
      stable: 3,
    });
    expect(shown(health.until!.show)).toBe('status ${output.status}');
  });

  test('what runs always, and what it gives', () => {
    expect(playbook.always).toMatchObject([{ uses: 'notify', named: false }]);
    expect(playbook.outputs.map(({ key, value }) => [key, shown(value)])).toEqual([
      ['database', '${steps.restore.output.database}'],
    ]);
  });

  test('places point into the file', () => {
    const { that } = step('counts').assert[0]!;
    expect(file.text.slice(that.span.start, that.span.end)).toBe(that.source);
    expect(file.text.slice(step('counts').usesSpan.start, step('counts').usesSpan.end)).toBe('sql.query');
  });
});

const HEAD = 'version: 1\nid: parent\ntitle: Parent\nsummary: A parent.\n';

test('a called playbook is part of the model, and its file of the sources', async () => {
  const child = new SourceFile(
    'child.yaml',
    'version: 1\nid: child\ntitle: Child\nsummary: A child.\ninputs:\n  a: { prompt: A?, type: text }\nsteps: []\noutputs: { b: "${{ inputs.a }}" }\n',
  );
  const parent = new SourceFile(
    'parent.yaml',
    `${HEAD}steps:\n  - { id: c, uses: playbook, with: { playbook: child, inputs: { a: x } }, onFailure: continue }\n  - { uses: playbook, with: { playbook: child } }\n`,
  );
  const { value, diagnostics, sources } = await loadPlaybook(parent, {
    ids: () => Promise.resolve(['child']),
    find: (id) => Promise.resolve(id === 'child' ? child : undefined),
  });
  expect(diagnostics).toEqual([]);
  expect(sources).toEqual([parent, child]);
  expect(value!.steps).toMatchObject([
    { type: 'call', id: 'c', playbook: { id: 'child' }, onFailure: { do: 'continue' } },
    { type: 'call', id: 'step2', playbook: { id: 'child' } },
  ]);
  expect(value!.steps[0]).toHaveProperty('playbook', (value!.steps[1] as { playbook?: unknown }).playbook);
});

test('an error of a called playbook is told in its own file', async () => {
  const child = new SourceFile('child.yaml', 'version: 1\nid: child\n');
  const parent = new SourceFile(
    'parent.yaml',
    `${HEAD}steps:\n  - { uses: playbook, with: { playbook: child } }\n`,
  );
  const { value, diagnostics } = await loadPlaybook(parent, {
    ids: () => Promise.resolve(['child']),
    find: () => Promise.resolve(child),
  });
  expect(value).toBeUndefined();
  expect(diagnostics.map(({ code, span }) => [code, span!.file.path])).toEqual([['DB022', 'child.yaml']]);
});

test('a thousand steps load', async () => {
  const steps = Array.from(
    { length: 1000 },
    (_, index) =>
      `  - id: s${String(index)}\n    uses: wait\n    with: { for: 1s }\n    when: run.mode == "drill" && inputs.n > ${String(index)}\n`,
  );
  const text = `${HEAD}inputs: { n: { prompt: N?, type: number } }\nsteps:\n${steps.join('')}`;
  const { value } = await loadPlaybook(new SourceFile('large.yaml', text), library);
  expect(value!.steps).toHaveLength(1000);
});
