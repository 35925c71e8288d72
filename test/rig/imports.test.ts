import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

const TESTS = join(import.meta.dirname, '..');

/** What a test file may wait for while it is read: it starts no program that outlives the reading. */
const HARMLESS = new Set([
  // A module, a file, or a program that ends by itself.
  ...[
    'kindOf',
    'generatedFiles',
    'loadEnvironment',
    'compileChild',
    'Matrix.open',
    'library.ids',
    'snapshots',
  ],
  ...['Promise.all', 'tryKind', 'help', 'matrix.run'],
  // A server in the worker itself; what else they have starts before the first test.
  ...['listen', 'Resolver.start', 'renderWithService', 'renderWithDatabase', 'renderWithDomain'],
]);

/** What is waited for in the file itself, or in a `describe` of it: both are done when tests are only listed. */
function awaitedWhileRead(file: ts.SourceFile): readonly string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isAwaitExpression(node)) {
      const { expression } = node;
      found.push((ts.isCallExpression(expression) ? expression.expression : expression).getText(file));
    }
    const isDescribe = ts.isCallExpression(node) && /^describe\b/.test(node.expression.getText(file));
    ts.forEachChild(node, (child) => {
      if (ts.isFunctionLike(child) && !isDescribe) return;
      visit(child);
    });
  };
  visit(file);
  return found;
}

test('a test file that is only read, as to list its tests, starts no server that nobody ends', () => {
  const files = readdirSync(TESTS, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.test.ts'),
  );
  expect(files.length).toBeGreaterThan(100);
  const starting = files.flatMap((name) => {
    const text = readFileSync(join(TESTS, name), 'utf8');
    const awaited = awaitedWhileRead(ts.createSourceFile(name, text, ts.ScriptTarget.Latest));
    return awaited.filter((each) => !HARMLESS.has(each)).map((each) => `${name}: ${each}`);
  });
  expect(starting).toEqual([]);
});
