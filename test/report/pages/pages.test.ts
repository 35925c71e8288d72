import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createEvaluator } from '../../../engine/expression/evaluator.ts';
import { createNarrator } from '../../../engine/interpret/narrate.ts';
import { loadEnvironment } from '../../../engine/load/environment.ts';
import { folderLibrary } from '../../../engine/load/library.ts';
import { loadPlaybook } from '../../../engine/load/playbook.ts';
import type { Narrator } from '../../../engine/model/narrator.ts';
import type { Playbook } from '../../../engine/model/playbook.ts';
import type { StepKind } from '../../../engine/model/kind.ts';
import { code, codeBlock, link, prose, table } from '../../../engine/report/pages/markdown.ts';
import { overviewPage } from '../../../engine/report/pages/overview.ts';
import { playbookPage } from '../../../engine/report/pages/playbook.ts';
import { SourceFile } from '../../../engine/source/file.ts';
import { STEP_KINDS } from '../../../engine/kinds/index.ts';

const GOLDEN = join(import.meta.dirname, 'golden');
const HEAD = 'version: 1\nid: example\ntitle: Example\nsummary: An example.\n';

const ENVIRONMENT = `
version: 1
name: production
kind: production
services:
  api: { name: peakops-api, renderId: srv-1, url: https://api.example.com }
  worker: { name: peakops-worker, renderId: srv-2 }
values: { login: { email: drill@example.com, password: { env: PROBE_PASSWORD } } }
channels: { ops: { console: true } }
contacts:
  onCall: { name: "On-call | rota", phone: "+43 1 234", token: { env: TOKEN } }
escalation:
  - { level: 1, who: On-call engineer }
  - { level: 2, who: Senior engineer, with: [onCall] }
`;

const environment = async () => {
  const { value } = await loadEnvironment(new SourceFile('production.yaml', ENVIRONMENT));
  if (value === undefined) throw new Error('the environment has errors');
  return value;
};

const kinds = new Map<string, StepKind>();
let narrator: Narrator;

beforeAll(async () => {
  for (const [name, load] of Object.entries(STEP_KINDS)) kinds.set(name, await load());
  narrator = createNarrator({ kinds, evaluator: createEvaluator(), environment: await environment() });
});

async function load(text: string): Promise<Playbook> {
  const { value, diagnostics } = await loadPlaybook(
    new SourceFile('example.yaml', text),
    folderLibrary([GOLDEN]),
  );
  if (value === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return value;
}

async function page(text: string, withPeople = false): Promise<string> {
  return playbookPage(await load(text), {
    narrator,
    pageOf: (id) => `${id}.md`,
    kindPage: (kind) => `../steps/${kind}.md`,
    source: 'example.yaml',
    ...(withPeople && { environment: await environment() }),
  });
}

describe('the page of a playbook', () => {
  it('tells every kind of flow so that it can be followed without the file', async () => {
    const text = await page(readFileSync(join(GOLDEN, 'every-flow.yaml'), 'utf8'), true);
    await expect(text).toMatchFileSnapshot(join(GOLDEN, 'every-flow.md'));
  });

  it('leads each of its links to a heading that is there', async () => {
    const text = await page(readFileSync(join(GOLDEN, 'every-flow.yaml'), 'utf8'));
    const anchors = [...text.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id);
    const wanted = [...text.matchAll(/\]\(#([^)]+)\)/g)].map(([, id]) => id);
    expect(new Set(anchors).size).toBe(anchors.length);
    expect(wanted.filter((id) => !anchors.includes(id))).toEqual([]);
    expect(wanted.length).toBeGreaterThan(20);
  });

  it('shows the command that does the same, with the names of the environment', async () => {
    const text = await page(
      `${HEAD}steps: [{ id: stop, uses: render.suspend, with: { service: "\${{ env.services.api }}" } }]`,
    );
    expect(text).toContain(
      '**Suspend the service peakops-api.** ([`render.suspend`](../steps/render.suspend.md)',
    );
    expect(text).toMatch(/curl .*services\/srv-1\/suspend/);
  });

  it('says where a debt is paid', async () => {
    const text = await page(`${HEAD}steps:
  - id: stop
    uses: render.suspend
    with: { service: "\${{ env.services.api }}" }
    undo: { at: exit, steps: [{ uses: render.resume, with: { service: "\${{ env.services.api }}" } }] }
  - id: start
    uses: render.resume
    with: { service: "\${{ env.services.api }}" }
    settles: [stop]
`);
    expect(text).toContain('**Owed from here on:** Resume the service peakops-api; paid by [2](#start)');
    expect(text).toContain('**Pays the debt of:** [1](#stop) stop');
  });

  it('names the step whose output is used', async () => {
    const text = await page(`${HEAD}steps:
  - { id: restore, uses: render.recover-postgres, with: { database: { name: main, renderId: dpg-1 }, at: "2026-01-01T00:00:00Z" } }
  - { uses: sql.query, with: { database: "\${{ steps.restore.output.database }}", query: select 1 } }
`);
    expect(text).toContain('Query the database `database` of step [1](#restore).');
  });

  it('never shows what a secret refers to', async () => {
    const text = await page(
      `${HEAD}steps:
  - { uses: http.request, with: { url: "https://api.example.com/", method: POST, json: { password: "\${{ env.values.login.password }}" } }, effect: write }
`,
      true,
    );
    expect(text).toContain('$PROBE_PASSWORD');
    expect(text).not.toContain('TOKEN');
  });

  it('offers an exercise in the sandbox only where it is said how that breaks', async () => {
    const rehearsed = `rehearsals: { nothing: { title: Nothing, fault: none } }\n`;
    expect(await page(`${HEAD}${rehearsed}steps: []`)).toContain('drillbook drill example');
    expect(await page(`${HEAD}steps: []`)).not.toContain('drillbook drill');
  });

  it('leaves out what the playbook does not say', async () => {
    const text = await page(`${HEAD}steps: []`);
    for (const title of ['Objectives', 'How it shows', 'Rehearsed as', 'Whom to call', 'Links']) {
      expect(text).not.toContain(`## ${title}`);
    }
  });
});

describe('a page says of a call and of a loop as a whole', () => {
  const RESUME = "{ uses: render.resume, title: Put it back, with: { service: '${{ env.services.api }}' } }";

  it('what is owed, what is paid, and what a failure leads to', async () => {
    const text = await page(`${HEAD}
parts: { some: { title: Some, steps: [{ uses: wait, with: { for: 1s } }] } }
steps:
  - id: call
    uses: part
    title: Do some
    with: { part: some }
    onFailure: continue
    undo: { at: exit, steps: [${RESUME}] }
  - id: each
    title: For each
    forEach: { in: [a, b] }
    mark: restored
    settles: [call]
    timeout: 10m
    onFailure: abort
    undo: { at: abort, steps: [${RESUME}] }
    steps: [{ uses: wait, with: { for: 1s } }]
`);
    expect(text).toContain('**Owed from here on:** Put it back; paid by [2](#');
    expect(text).toContain('**Reached, when all are done:** *restored*');
    expect(text).toContain('**Pays the debt of:** [1](#');
    expect(text).toContain('**Takes:** 10m at most, all items together');
    expect(text).toContain('**If the run is aborted:** Put it back (you are asked first)');
    expect(text.match(/\*\*When it fails:/g)).toHaveLength(2);
  });
});

describe('the index', () => {
  it('has the objectives of all, the most urgent first, procedures apart', async () => {
    const entry = async (head: string, group = '') => {
      const playbook = await load(`version: 1\nsummary: S.\n${head}\nsteps: []`);
      return { playbook, group, page: `${playbook.id}.md` };
    };
    const text = overviewPage([
      await entry('id: calm\ntitle: Calm\npriority: low'),
      await entry('id: backup\ntitle: Backup', 'procedures'),
      await entry(
        'id: fire\ntitle: Fire\npriority: critical\nobjectives: { rpo: { target: 24h, evidence: heartbeat } }',
      ),
    ]);
    expect(text).toContain('| [Fire](fire.md) | critical |  | 24h |');
    const places = ['## Disasters', '[Fire]', '[Calm]', '## Procedures', '[Backup]'].map((part) =>
      text.indexOf(part),
    );
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places).not.toContain(-1);
  });
});

describe('Markdown', () => {
  it('escapes what would be markup by accident, and leaves code and addresses alone', () => {
    expect(prose('a *b* <c> [d] `e_f*` https://x.y/a_b_c')).toBe(
      'a \\*b\\* &lt;c&gt; \\[d\\] `e_f*` https://x.y/a_b_c',
    );
  });

  it('finds a fence for code that has backticks itself', () => {
    expect(code('a `b` c')).toBe('`` a `b` c ``');
    expect(codeBlock('sh', 'echo ```')).toBe('~~~~sh\necho ```\n~~~~');
  });

  it('makes tables and links', () => {
    expect(table(['a'], [['1']])).toBe('| a |\n| --- |\n| 1 |');
    expect(link('A [b]', 'https://x.y/a b')).toBe('[A \\[b\\]](https://x.y/a%20b)');
  });
});
