import type { Hover, Location } from 'vscode-languageserver';
import { expect, test } from 'vitest';
import { startEditor } from '../rig/language-client.ts';
import { SHOP, STAGING, at } from './fixture.ts';

const NAME = 'playbooks/shop.yaml';

const files = {
  [NAME]: SHOP,
  'playbooks/environments/staging.yaml': STAGING,
  'playbooks/called.yaml': SHOP.replace('id: shop', 'id: called'),
};

test('a name says what it is when it is pointed at', async () => {
  const editor = await startEditor(files);
  await editor.open(NAME);
  const said = async (marked: string): Promise<string> => {
    const hover = await editor.ask<Hover | null>('textDocument/hover', NAME, marked);
    return JSON.stringify(hover?.contents ?? null);
  };
  expect(await said(at(SHOP, 'steps.count', 7))).toContain('Count the orders');
  expect(await said(at(SHOP, 'env.databases.main', 15))).toContain('STAGING_URL');
  expect(await said(at(SHOP, 'inputs.since', 8))).toContain('Since when?');
  expect(await said(at(SHOP, 'duration(', 3))).toContain('a number and a unit');
  expect(await said(at(SHOP, 'size(output', 1))).toContain('size');
  expect(await said(at(SHOP, 'output.count', 9))).toMatch(/count/);
  expect(await said(at(SHOP, 'sql.query', 4))).toContain('read-only transaction');
  expect(await said(at(SHOP, 'assert:', 2))).toContain('assert');
  expect(await said(at(SHOP, 'The shop', 2))).toBe('null');
});

test('it leads to where it is written', async () => {
  const editor = await startEditor(files);
  const text = SHOP.replace(
    'uses: part\n    with: { part: announce }',
    'uses: playbook\n    with: { playbook: called }',
  );
  const places = async (marked: string): Promise<readonly string[]> => {
    const found = await editor.ask<readonly Location[]>('textDocument/definition', NAME, marked);
    return found.map(({ uri, range }) => `${uri.split('/').at(-1) ?? ''}:${String(range.start.line + 1)}`);
  };
  const lineOf = (part: string, of = SHOP): number => of.slice(0, of.indexOf(part)).split('\n').length;
  expect(await places(at(SHOP, 'steps.count', 7))).toEqual([`shop.yaml:${String(lineOf('- id: count'))}`]);
  expect(await places(at(SHOP, 'inputs.since', 8))).toEqual([`shop.yaml:${String(lineOf('  since:'))}`]);
  expect(await places(at(SHOP, 'vars.early', 6))).toEqual([`shop.yaml:${String(lineOf('  early:'))}`]);
  expect(await places(at(SHOP, 'part: announce', 8))).toEqual([`shop.yaml:${String(lineOf('  announce:'))}`]);
  expect(await places(at(SHOP, 'env.databases.main', 15))).toEqual(['staging.yaml:5']);
  expect(await places(at(SHOP, 'needs: [databases.main', 20))).toEqual(['staging.yaml:5']);
  expect(await places(at(text, 'playbook: called', 12))).toEqual(['called.yaml:1']);
});
