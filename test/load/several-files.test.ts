import { describe, expect, it, test } from 'vitest';
import { PlaybookLoader, loadPlaybook } from '../../engine/load/playbook.ts';
import type { Library, LoadedPlaybook } from '../../engine/load/playbook.ts';
import type { Call } from '../../engine/model/playbook.ts';
import { SourceFile } from '../../engine/source/file.ts';

/** A playbook that calls others, with more steps below. */
const book = (id: string, calls: readonly string[], more = ''): string =>
  `version: 1\nid: ${id}\ntitle: ${id}\nsummary: Calls others.\nsteps:\n${calls
    .map((called) => `  - { uses: playbook, with: { playbook: ${called} } }\n`)
    .join('')}${more}  - { uses: wait, with: { for: 1s } }\n`;

const wrong = (count: number): string => '  - { uses: wait, with: { for: 1s }, wen: true }\n'.repeat(count);

/** Each file is read anew, as from a disk. */
function libraryOf(books: Readonly<Record<string, string>>): Library & { readonly reads: string[] } {
  const reads: string[] = [];
  return {
    reads,
    ids: () => Promise.resolve(Object.keys(books)),
    find(id) {
      reads.push(id);
      const text = books[id];
      return Promise.resolve(text === undefined ? undefined : fileOf(id, text));
    },
  };
}

const fileOf = (id: string, text = ''): SourceFile => new SourceFile(`${id}.yaml`, text);

/** What a loaded file shows to people. */
const told = ({ value, diagnostics, sources }: LoadedPlaybook): unknown => ({
  loaded: value !== undefined,
  sources: sources.map(({ path }) => path),
  diagnostics: diagnostics.map(({ code, severity, message, span, related }) => ({
    code,
    severity,
    message,
    at: [span?.file.path, span?.start, span?.end],
    related: related?.map((place) => [place.message, place.span.file.path, place.span.start]),
  })),
});

function* ordersOf<T>(items: readonly T[]): Generator<readonly T[]> {
  if (items.length === 0) yield [];
  for (const [index, first] of items.entries()) {
    for (const rest of ordersOf(items.toSpliced(index, 1))) yield [first, ...rest];
  }
}

test('what two files call is read and loaded once', async () => {
  const books = { a: book('a', ['shared']), b: book('b', ['shared']), shared: book('shared', []) };
  const library = libraryOf(books);
  const loader = new PlaybookLoader(library);
  const [a, b] = [await loader.load(fileOf('a', books.a)), await loader.load(fileOf('b', books.b))];
  expect(library.reads).toEqual(['shared']);
  expect((a.value!.steps[0] as Call).playbook).toBe((b.value!.steps[0] as Call).playbook);
});

test.each([['before'], ['after']])('so is a file that is itself loaded %s its caller', async (when) => {
  const books = { a: book('a', ['shared']), shared: book('shared', []) };
  const loader = new PlaybookLoader(libraryOf(books));
  const order = when === 'before' ? (['shared', 'a'] as const) : (['a', 'shared'] as const);
  const loaded = new Map<string, LoadedPlaybook>();
  for (const id of order) loaded.set(id, await loader.load(fileOf(id, books[id])));
  expect((loaded.get('a')!.value!.steps[0] as Call).playbook).toBe(loaded.get('shared')!.value);
});

describe('a file is told of alike, whatever was loaded before it:', () => {
  it.each<[string, Readonly<Record<string, string>>]>([
    ['a chain', { a: book('a', ['b']), b: book('b', ['c'], wrong(1)), c: book('c', [], wrong(2)) }],
    [
      'a diamond',
      {
        top: book('top', ['left', 'right']),
        left: book('left', ['bottom']),
        right: book('right', ['bottom'], wrong(1)),
        bottom: book('bottom', [], wrong(1)),
      },
    ],
    ['a circle', { a: book('a', ['b']), b: book('b', ['c'], wrong(1)), c: book('c', ['a']) }],
    [
      'a circle with two ways in and one out',
      {
        in: book('in', ['a', 'c']),
        a: book('a', ['c']),
        c: book('c', ['a', 'out']),
        out: book('out', [], wrong(1)),
      },
    ],
    ['one that calls itself', { a: book('a', ['a'], wrong(1)), b: book('b', ['a']) }],
    [
      'more problems than are shown',
      { a: book('a', ['b'], wrong(101)), b: book('b', ['c'], wrong(60)), c: book('c', [], wrong(250)) },
    ],
    ['a call to nothing', { a: book('a', ['b']), b: book('b', ['nobody']), c: book('c', ['b', 'nobody']) }],
    ['a file that cannot be parsed', { a: book('a', ['b']), b: 'steps: [', c: book('c', ['b']) }],
  ])('%s', async (_, books) => {
    const alone = new Map<string, unknown>();
    for (const [id, text] of Object.entries(books)) {
      alone.set(id, told(await loadPlaybook(fileOf(id, text), libraryOf(books))));
    }
    for (const order of ordersOf(Object.keys(books))) {
      const loader = new PlaybookLoader(libraryOf(books));
      for (const id of order) {
        expect(told(await loader.load(fileOf(id, books[id]))), order.join(', ')).toEqual(alone.get(id));
      }
    }
  });
});
