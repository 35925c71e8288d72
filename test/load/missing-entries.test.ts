import { describe, expect, test } from 'vitest';
import { loadEnvironment } from '../../engine/load/environment.ts';
import { loadPlaybook } from '../../engine/load/playbook.ts';
import { SourceFile } from '../../engine/source/file.ts';

/** An environment that has no `dns`, and of `values` nothing but `size`. */
const ENVIRONMENT = `version: 1\nname: staging\nkind: staging\nvalues: { size: small }\n`;

const library = { find: () => Promise.resolve(undefined), ids: () => Promise.resolve([]) };

/** What `check` says of these steps in that environment, but for warnings. `values`: those of `let`. */
async function errorsIn(
  steps: string,
  values: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const { value: environment } = await loadEnvironment(new SourceFile('staging.yaml', ENVIRONMENT), () =>
    Promise.resolve(undefined),
  );
  const text = `version: 1\nid: book\ntitle: Book\nsummary: A book.\nlet: ${JSON.stringify(values)}\nsteps:\n${steps}`;
  const { diagnostics } = await loadPlaybook(new SourceFile('book.yaml', text), library, {
    environment: environment!,
  });
  return diagnostics
    .filter(({ severity }) => severity === 'error')
    .map(({ code, message }) => `${code} ${message}`);
}

/** A step that asks for the name. */
const ASKS = `uses: file.read, with: { path: "\${{ env.dns.name }}" }`;

describe('what an environment does not have', () => {
  test.each([
    ['without a question', `  - { ${ASKS} }\n`],
    ['after a question about something else', `  - { when: has(env.values.dns), ${ASKS} }\n`],
    ['where it is known not to be there', `  - { when: "!has(env.dns)", ${ASKS} }\n`],
    ['where either of two may hold', `  - { when: has(env.dns) || has(env.values.size), ${ASKS} }\n`],
    [
      'in a branch that people may choose whatever the default says',
      `  - id: way
    choose:
      prompt: Which way?
      default: 'has(env.dns) ? "dns" : "other"'
      branches: { dns: { steps: [{ ${ASKS} }] }, other: { steps: [] } }\n`,
    ],
    [
      'in the branch that is picked where it is not there',
      `  - id: way
    choose:
      pick: 'has(env.dns) ? "dns" : "other"'
      branches: { dns: { steps: [] }, other: { steps: [{ ${ASKS} }] } }\n`,
    ],
    [
      'in a branch to which two ways lead',
      `  - id: way
    choose:
      pick: 'has(env.dns) ? "dns" : has(env.values.size) ? "dns" : "other"'
      branches: { dns: { steps: [{ ${ASKS} }] }, other: { steps: [] } }\n`,
    ],
    [
      'in a branch of a name that is made up as it goes',
      `  - id: way
    choose:
      pick: 'has(env.dns) ? "dns" : env.values.size'
      branches: { dns: { steps: [{ ${ASKS} }] }, small: { steps: [] } }\n`,
    ],
    [
      'after a step that may have been left out',
      `  - { id: look, when: has(env.dns), ${ASKS} }
  - { when: steps.look.outcome != "succeeded", ${ASKS} }\n`,
    ],
  ])('is an error %s', async (_, steps) => {
    expect(await errorsIn(steps)).toEqual(['DB070 The environment "staging" has no env.dns']);
  });

  test.each([
    ['the step itself asks', `  - { when: has(env.dns), ${ASKS} }\n`],
    ['it asks for the very member', `  - { when: env.?dns.?name.hasValue(), ${ASKS} }\n`],
    ['its condition goes on to use it', `  - { when: 'has(env.dns) && env.dns.name != ""', ${ASKS} }\n`],
    ['the phase around it asks', `  - { phase: Name, when: has(env.dns), steps: [{ ${ASKS} }] }\n`],
    [
      'the branch is offered only then',
      `  - id: way
    choose:
      prompt: Which way?
      default: 'has(env.dns) ? "dns" : "other"'
      branches: { dns: { when: has(env.dns), steps: [{ ${ASKS} }] }, other: { steps: [] } }\n`,
    ],
    [
      'an expression picks the branch by it',
      `  - id: way
    choose:
      pick: 'has(env.dns) ? "dns" : "other"'
      branches: { dns: { steps: [{ ${ASKS} }] }, other: { steps: [] } }\n`,
    ],
    [
      'an expression picks the branch where it is not missing',
      `  - id: way
    choose:
      pick: '!has(env.dns) ? "other" : env.values.size == "small" ? "dns" : "large"'
      branches: { dns: { steps: [{ ${ASKS} }] }, large: { steps: [{ ${ASKS} }] }, other: { steps: [] } }\n`,
    ],
    [
      'an earlier step that has succeeded stood under the question',
      `  - { id: look, when: has(env.dns), ${ASKS} }
  - { when: steps.look.outcome == "succeeded", ${ASKS} }\n`,
    ],
    [
      'that step stood under another such step',
      `  - { id: look, when: has(env.dns), ${ASKS} }
  - { id: again, when: has(steps.look.output), uses: file.read, with: { path: again } }
  - { when: has(steps.again.output.text), ${ASKS} }\n`,
    ],
    [
      'an undo takes back what was done under it',
      `  - id: look
    when: has(env.dns)
    uses: file.write
    with: { path: name, text: "\${{ env.dns.name }}" }
    undo: { at: exit, steps: [{ ${ASKS} }] }\n`,
    ],
  ])('is no error where %s', async (_, steps) => {
    expect(await errorsIn(steps)).toEqual([]);
  });
});

describe('a value of let that asks for what an environment does not have', () => {
  const name = '${{ env.dns.name }}';
  const uses = (value: string): string => `uses: file.read, with: { path: "\${{ vars.${value} }}" }`;
  const USES = uses('name');
  const TOLD = ['DB070 The environment "staging" has no env.dns'];

  test.each([
    ['without a question', `  - { ${USES} }\n`, { name }],
    ['in one of two places', `  - { when: has(env.dns), ${USES} }\n  - { ${USES} }\n`, { name }],
    ['where it is known not to be there', `  - { when: "!has(env.dns)", ${USES} }\n`, { name }],
    ['twice, and told once', `  - { ${USES} }\n  - { ${USES} }\n`, { name }],
    ['by way of another', `  - { ${uses('again')} }\n`, { name, again: '${{ vars.name }}' }],
    [
      'by way of two others, of which one asks',
      `  - { uses: file.read, with: { path: "\${{ vars.asking + vars.plain }}" } }\n`,
      { name, asking: '${{ has(env.dns) ? vars.name : "" }}', plain: '${{ vars.name }}' },
    ],
    [
      'by way of one that leads there on two ways, of which one asks',
      `  - { ${uses('both')} }\n`,
      { name, both: '${{ has(env.dns) ? vars.name : vars.name + "!" }}' },
    ],
  ])('is an error where it is used %s', async (_, steps, values) => {
    expect(await errorsIn(steps, values)).toEqual(TOLD);
  });

  test.each([
    ['the step that uses it asks', `  - { when: has(env.dns), ${USES} }\n`, { name }],
    ['the phase around it asks', `  - { phase: Name, when: has(env.dns), steps: [{ ${USES} }] }\n`, { name }],
    [
      'the expression that uses it asks first',
      `  - { uses: file.read, with: { path: '\${{ has(env.dns) ? vars.name : "none" }}' } }\n`,
      { name },
    ],
    [
      'the value that uses it asks first',
      `  - { ${uses('known')} }\n`,
      { name, known: '${{ has(env.dns) ? vars.name : "none" }}' },
    ],
    [
      'a value that asks leads there by way of one that does not',
      `  - { ${uses('known')} }\n`,
      { name, again: '${{ vars.name }}', known: '${{ has(env.dns) ? vars.again : "none" }}' },
    ],
    ['it asks itself', `  - { ${USES} }\n`, { name: '${{ has(env.dns) ? env.dns.name : "none" }}' }],
    ['nobody uses it', `  - { uses: file.read, with: { path: name } }\n`, { name }],
  ])('is no error where %s', async (_, steps, values) => {
    expect(await errorsIn(steps, values)).toEqual([]);
  });
});
