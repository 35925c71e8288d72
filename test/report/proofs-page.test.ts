import { expect, it } from 'vitest';
import type { Proof } from '../../engine/measure/proof.ts';
import { proofsPage } from '../../engine/report/proofs-page.ts';

const AT = Date.UTC(2026, 10, 28, 2) * 1000;
const HOUR = 3_600_000_000;

const proof = (about: Partial<Proof>): Proof => ({
  ...{ backup: 'shop', title: 'The shop', run: '20261128-0200-aaaa', verdict: 'proven' },
  ...{ startedAt: AT, elapsedMs: 12_000, checks: [] },
  ...about,
});

const GREEN = proof({
  checks: [{ id: 'Found', title: 'It is there', verdict: 'proven', reading: '3 objects', shownRed: true }],
});
const RED = proof({
  ...{ backup: 'photos', title: 'The photos', verdict: 'notProven' },
  checks: [
    { id: 'Found', title: 'It is there', verdict: 'failed', reading: 'no <b>object</b>' },
    { id: 'Age', title: 'It is new', verdict: 'skipped', reading: 'what it needs was not proven' },
    { id: 'Rows', title: 'It has rows', verdict: 'unproven', reading: 'green there too', shownRed: false },
  ],
});

const shown = (...proofs: readonly Proof[]) =>
  proofs.map((found) => ({ name: found.backup, title: found.title, proof: found }));

it('says first how many are proven, and begins with what is wrong', () => {
  const never = { name: 'other', title: 'The other', proof: undefined };
  const page = proofsPage([...shown(GREEN), never, ...shown(RED)], AT + HOUR);
  expect(page).toContain('<p class="verdict bad">1 of 3 backups proven</p>');
  const [, overview = ''] = page.split('<tbody>');
  const rows = [...overview.matchAll(/<tr><td[^>]*>[^<]*<\/td><td>([^<]*)/g)].map(([, title]) => title);
  expect(rows).toEqual(['The photos', 'The other', 'The shop']);
  expect(page).toMatch(/class="bad">never proven<\/td><td>The other/);
  expect(page).toContain('2026-11-28 02:00:00 UTC, 1h 00m ago, in 12.0s');
});

it('shows a check that was skipped as that, and one that was never red as no proof', () => {
  const page = proofsPage(shown(RED), AT);
  expect(page).toContain('<td class="info">skipped</td>');
  expect(page).toContain('<td class="warn">unproven</td>');
  expect(page).toContain('<td class="warn">green</td>');
  expect(page).toContain('1 unproven, 1 failed, 1 skipped');
});

it('is green where all are proven, and says why a proof did not come to its end', () => {
  expect(proofsPage(shown(GREEN), AT)).toContain('<p class="verdict good">1 of 1 backup proven</p>');
  const unfinished = proof({ verdict: 'unfinished', reason: 'interrupted' });
  expect(proofsPage(shown(unfinished), AT)).toContain('It did not come to its end: interrupted.');
});

it('is one file that asks for nothing, whatever stands in the readings', () => {
  const page = proofsPage(shown(GREEN, RED), AT);
  expect(page).not.toMatch(/<script|https?:|url\(|@import|\son\w+=|<b>/);
  expect(page).toContain('no &lt;b&gt;object&lt;/b&gt;');
});
