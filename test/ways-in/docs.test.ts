import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '..', '..');
const DOCS = join(ROOT, 'docs');

const pages = [
  ...readdirSync(DOCS, { recursive: true, encoding: 'utf8' }).map((name) => join(DOCS, name)),
  ...['README.md', 'ARCHITECTURE.md'].map((name) => join(ROOT, name)),
].filter((path) => path.endsWith('.md'));

/** A page without what is quoted in it. */
const proseOf = (path: string): string =>
  readFileSync(path, 'utf8')
    .replaceAll(/^ *```.*?^ *```$/gms, '')
    .replaceAll(/`[^`\n]*`/g, (code) => code.replaceAll(/[[\]()]/g, ''));

/** The links of a page to other files and to headings, as they are written. */
const linksOf = (path: string): readonly string[] =>
  Array.from(proseOf(path).matchAll(/\]\(([^()\s]+)\)/g), ([, link = '']) => link).filter(
    (link) => !/^[a-z]+:/.test(link),
  );

const targetOf = (page: string, link: string): string => {
  const [path = ''] = link.split('#');
  return path === '' ? page : resolve(dirname(page), decodeURIComponent(path));
};

/** Headings as GitHub makes anchors of them, and those that a page sets itself. */
function anchorsOf(path: string): ReadonlySet<string> {
  const text = readFileSync(path, 'utf8');
  const headings = Array.from(text.matchAll(/^#+ (.+)$/gm), ([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-'),
  );
  return new Set([...headings, ...Array.from(text.matchAll(/ id="([^"]+)"/g), ([, id = '']) => id)]);
}

test('every link of the documentation leads somewhere', () => {
  const broken = pages.flatMap((page) =>
    linksOf(page)
      .filter((link) => {
        const target = targetOf(page, link);
        const anchor = link.split('#')[1];
        if (!existsSync(target)) return true;
        return anchor !== undefined && target.endsWith('.md') && !anchorsOf(target).has(anchor);
      })
      .map((link) => `${relative(ROOT, page)}: ${link}`),
  );
  expect(broken).toEqual([]);
});

test('every page is found from docs/README.md', () => {
  const found = new Set([join(DOCS, 'README.md')]);
  for (const page of found) {
    for (const link of linksOf(page)) {
      const target = targetOf(page, link);
      if (target.endsWith('.md') && existsSync(target) && statSync(target).isFile()) found.add(target);
    }
  }
  const lost = pages.filter((page) => page.startsWith(DOCS) && !found.has(page));
  expect(lost.map((page) => relative(ROOT, page))).toEqual([]);
});
