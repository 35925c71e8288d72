import { expect, it } from 'vitest';
import { folderLibrary } from '../../../engine/load/library.ts';
import { loadPlaybook } from '../../../engine/load/playbook.ts';
import { diagram } from '../../../engine/report/pages/diagram.ts';
import { Numbers } from '../../../engine/report/pages/numbers.ts';
import { SourceFile } from '../../../engine/source/file.ts';

async function draw(steps: string): Promise<readonly string[]> {
  const text = `version: 1\nid: example\ntitle: Example\nsummary: S.\nsteps:\n${steps}`;
  const { value, diagnostics } = await loadPlaybook(new SourceFile('example.yaml', text), folderLibrary([]));
  if (value === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return diagram(value, new Numbers(value))
    .split('\n')
    .map((line) => line.trim());
}

const WAIT = 'uses: wait, with: { for: 1s }';

it('has one box for a phase of plain steps, and one for steps in a row', async () => {
  const lines = await draw(
    `  - phase: Work\n    steps: [{ title: One, ${WAIT} }, { title: Two, ${WAIT} }]\n  - { title: Three, ${WAIT} }\n  - { title: Four, ${WAIT} }`,
  );
  expect(lines).toEqual([
    'flowchart TD',
    'n0(["Disaster"])',
    'n1["1 Work"]',
    'n2["2 Three<br/>3 Four"]',
    'n3(["Recovered"])',
    'n0 --> n1',
    'n1 --> n2',
    'n2 --> n3',
  ]);
});

it('frames a phase that has branches', async () => {
  const lines = await draw(
    `  - phase: Work\n    steps:\n      - id: way\n        title: Which?\n        choose: { prompt: Which?, branches: { a: { steps: [] } } }`,
  );
  expect(lines.slice(2, 5)).toEqual(['subgraph s1["1 Work"]', 'n2{"1.1 Which?"}', 'end']);
});

it('leads every branch of a choice on, an empty one too', async () => {
  const lines = await draw(
    `  - id: way\n    choose: { prompt: Which?, branches: { a: { title: A, steps: [{ ${WAIT} }] }, b: { title: B, steps: [] } } }`,
  );
  expect(lines).toContain('n1 -->|"A"| n2');
  expect(lines).toContain('n1 -->|"B"| n3');
});

it('shows a failure that leads into another branch', async () => {
  const lines = await draw(
    `  - id: way\n    choose:\n      prompt: Which?\n      branches:\n        a: { steps: [{ ${WAIT}, onFailure: { branch: b } }] }\n        b: { steps: [{ ${WAIT} }] }`,
  );
  expect(lines).toContain('n2 -.->|"when it fails"| n3');
});

it('asks before a phase that runs only under a condition', async () => {
  const lines = await draw(`  - phase: Work\n    when: run.mode == "drill"\n    steps: [{ ${WAIT} }]`);
  expect(lines).toContain('n1{"run.mode == #quot;drill#quot;"}');
  expect(lines).toContain('n1 -->|"yes"| n2');
  expect(lines).toContain('n1 -->|"no"| n3');
});

it('cannot be broken by the title of a step', async () => {
  const lines = await draw(`  - { title: 'a "b" <c> \`d\` #e', ${WAIT} }`);
  expect(lines).toContain('n1["1 a #quot;b#quot; #lt;c#gt; #96;d#96; #35;e"]');
});
