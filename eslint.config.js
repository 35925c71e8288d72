import tseslint from 'typescript-eslint';

/**
 * In interpret/ a pause, an abort and their like travel as exceptions. Whoever catches passes them on: it asks
 * `isControl` or `isPausing`, throws again what it caught, or catches around what does not wait, and so cannot be paused.
 */
const passControlOn = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      swallowed:
        'This may swallow a pause or an abort: begin with "if (isControl(run, error)) throw error", or throw it again where it is not what you look for.',
    },
  },
  create: (context) => {
    const holds = (node, isIt) =>
      isIt(node) ||
      context.sourceCode.visitorKeys[node.type].some((key) =>
        [node[key]].flat().some((child) => child && holds(child, isIt)),
      );
    return {
      CatchClause(node) {
        const caught = node.param?.name;
        const passesOn = (inner) =>
          (inner.type === 'CallExpression' && ['isControl', 'isPausing'].includes(inner.callee.name)) ||
          // Lanes keep what ends them and throw it when all have ended.
          (inner.type === 'CallExpression' && inner.callee.property?.name === 'take') ||
          (inner.type === 'BinaryExpression' &&
            inner.operator === 'instanceof' &&
            inner.right.name === 'Control') ||
          (inner.type === 'ThrowStatement' && inner.argument.name === caught);
        const waits = holds(node.parent.block, ({ type }) => type === 'AwaitExpression');
        if (waits && !holds(node.body, passesOn)) context.report({ node, messageId: 'swallowed' });
      },
    };
  },
};

const noEmptyMember = {
  selector: 'SpreadElement > ConditionalExpression > ObjectExpression[properties.length=0]',
  message: 'A member that may be absent is written `...(value !== undefined && { value })`.',
};

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', 'coverage/**'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // It overflows its stack on types that contain themselves, as JSON does (typescript-eslint 8.73).
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      eqeqeq: ['error', 'always'],
      'no-restricted-syntax': ['error', noEmptyMember],
      'no-console': 'error',
    },
  },
  {
    // What comes from outside keeps its numbers: readJson (engine/base/json-text.ts), also for files that people write.
    files: ['engine/**'],
    ignores: [
      'engine/base/json-text.ts',
      // Our own lines and files, where a long whole number has a tag (encodeValue).
      'engine/journal/**',
      // It plays the services that send JSON, and talks to itself.
      'engine/sandbox/**',
      // What is shipped with drillbook: its schemas and its package.json.
      'engine/load/schemas/{bundle,compile,types}.ts',
      'engine/cli/{kind-entries,package-info}.ts',
      'engine/lsp/handbook.ts',
      'engine/cli/main.cts',
      'engine/cli/playbook-facts.ts',
      // Read where it was written: a mark of ours, of names and texts; a copy of plain data.
      'engine/kinds/postgres/archive/restore-marker.ts',
      'engine/interpret/people/ask.ts',
    ],
    rules: {
      'no-restricted-properties': [
        'error',
        {
          object: 'JSON',
          property: 'parse',
          message: 'It rounds whole numbers beyond 2^53: take readJson of engine/base/json-text.ts.',
        },
      ],
    },
  },
  {
    files: ['engine/interpret/**'],
    plugins: { drillbook: { rules: { 'pass-control-on': passControlOn } } },
    rules: { 'drillbook/pass-control-on': 'error' },
  },
  {
    files: [
      ...[
        '**/*.config.js',
        'test/bench/*',
        'test/picture/*',
        'test/rig/*.js',
        'test/rig/*/worlds/*.js',
        'test/torture/worlds/folder/worlds/*.js',
      ],
      'playbooks/templates/**/*.js',
      'playbooks/worlds/**/*.mjs',
    ],
    extends: [tseslint.configs.disableTypeChecked],
  },
  { files: ['test/bench/*', 'test/picture/*', 'test/rig/*.js'], rules: { 'no-console': 'off' } },
  {
    files: ['test/**'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      'no-restricted-syntax': [
        'error',
        noEmptyMember,
        {
          selector: 'MemberExpression[object.name="vi"][property.name=/^wait(For|Until)$/]',
          message: 'It gives up after a second on a busy machine: take expect.poll.',
        },
        {
          selector:
            'CallExpression[callee.object.name="expect"][callee.property.name="poll"] > ObjectExpression.arguments',
          message: 'Its limit is that of all suites: test/rig/patience.ts.',
        },
      ],
    },
  },
  {
    files: ['test/**'],
    ignores: ['test/rig/fast-check.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          name: 'fast-check',
          message: "Take it from test/rig/fast-check.ts: its draws follow the suite's seed.",
        },
      ],
    },
  },
);
