// @module-tag needs/chromium
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Event } from '../../../engine/model/event.ts';
import type { PageExtras } from '../../../engine/report/page/extras.ts';
import { reportPage } from '../../../engine/report/page/report-page.ts';
import { Story, finished, started, stepFinished, stepStarted } from '../../measure/rig.ts';
import { eventfulDrill } from '../../report/rig.ts';
import { LOOKS, anyMarkup, barriers, startBrowser, tagsOf, withPage } from '../../rig/browser.ts';
import fc from '../../rig/fast-check.ts';

// What only a browser can say of the page.

const WIDE = { width: 1000, colorScheme: 'light' } as const;
const JOURNAL = { ok: true, events: 40, head: 'b'.repeat(64), sealed: true, struck: [] };

/** What is known of a run besides its events, with what others may call their things. */
const extras = (text: string): PageExtras => ({
  forecasts: [0, 60_000, 90_000].map((elapsedMs) => ({
    elapsedMs,
    totalMs: { p50: 120_000, p90: 150_000 },
  })),
  patches: [`--- a/${text}\n+++ b/${text}\n@@ -1 +1 @@\n-was\n+${text}\n`],
  targets: [{ path: `buckets.${text}`, fingerprint: text }, { path: 'hosts.web' }],
});

let browser: Browser;
let eventful: string;

beforeAll(async () => {
  browser = await startBrowser();
  eventful = await reportPage(eventfulDrill().events, { journal: JOURNAL, extras: extras('bucket') });
});
afterAll(() => browser.close());

describe.each(LOOKS)('the report at $width pixels, $colorScheme', (look) => {
  it('fits, asks for nothing and complains of nothing', async () => {
    await withPage(browser, eventful, look, async ({ page, complaints }) => {
      const width = await page.evaluate<number>('document.documentElement.scrollWidth');
      expect(width).toBeLessThanOrEqual(look.width);
      expect((await page.screenshot({ fullPage: true })).length).toBeGreaterThan(10_000);
      expect(complaints).toEqual([]);
    });
  });

  it('can be read by everybody', async () => {
    await withPage(browser, eventful, look, async ({ page }) => {
      expect(await barriers(page)).toEqual([]);
    });
  });
});

describe('the report in a browser', () => {
  it('is as light or dark as the reader’s system', async () => {
    const ground = (colorScheme: 'light' | 'dark'): Promise<string> =>
      withPage(browser, eventful, { width: 1000, colorScheme }, ({ page }) =>
        page.evaluate<string>('getComputedStyle(document.body).backgroundColor'),
      );
    expect(await ground('light')).toBe('rgb(255, 255, 255)');
    expect(await ground('dark')).toBe('rgb(13, 17, 23)');
  });

  it('shows verdict, bars and margin without scrolling', async () => {
    await withPage(browser, eventful, WIDE, async ({ page }) => {
      for (const part of ['.verdict', '.gauge >> nth=0', '.gauge >> nth=1', '.margin >> nth=1']) {
        const box = await page.locator(part).first().boundingBox();
        expect((box?.y ?? Infinity) + (box?.height ?? 0)).toBeLessThan(450);
      }
    });
  });

  it('lets the keyboard reach and scroll the timeline where it is too narrow for it', async () => {
    await withPage(browser, eventful, { width: 360, colorScheme: 'light' }, async ({ page }) => {
      const timeline = page.getByRole('region', { name: 'Timeline', exact: true });
      await timeline.focus();
      await page.keyboard.press('ArrowRight');
      await expect
        .poll(() => timeline.evaluate((element: { readonly scrollLeft: number }) => element.scrollLeft))
        .toBeGreaterThan(0);
    });
  });

  it('is printed light, with everything that can be scrolled on a screen', async () => {
    await withPage(browser, eventful, { width: 1000, colorScheme: 'dark' }, async ({ page }) => {
      const pdf = await page.pdf({ format: 'A4', preferCSSPageSize: true });
      expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
      await page.emulateMedia({ media: 'print' });
      expect(
        await page.evaluate('getComputedStyle(document.documentElement).getPropertyValue("--page")'),
      ).toBe('#ffffff');
    });
  });

  it('takes whatever others wrote as text', async () => {
    const tags = async (text: string, events = hostile(text)): Promise<string> =>
      tagsOf(browser, await reportPage(events, { extras: extras(text) }));
    const plain = await tags('word');
    await fc.assert(
      fc.asyncProperty(anyMarkup, async (evil) => {
        expect(await tags(evil)).toBe(plain);
      }),
      { numRuns: 15 },
    );
  });
});

/** A run in which others say the same thing wherever they may say something. */
const hostile = (text: string): readonly Event[] =>
  new Story()
    .add(
      started({
        title: text,
        reason: text,
        operator: text,
        objectives: { rto: { targetMs: 60_000, from: 'declared', to: 'verified' } },
      }),
      { type: 'mark.set', mark: 'started', time: null, source: 'run' },
      { type: 'fault.injected', fault: 'x', description: text, output: { at: text } },
      { type: 'scope.entered', key: 'phase', kind: 'phase', title: text },
    )
    .wait(1000)
    .add({ type: 'gate.opened', key: 'a', gate: 'a#1', question: { type: 'gate', title: text } })
    .wait(5000)
    .add(
      { type: 'gate.answered', key: 'a', gate: 'a#1', answer: text, reason: text, by: text },
      stepStarted('a', text),
    )
    .wait(5000)
    .add(
      {
        type: 'step.attemptFailed',
        key: 'a',
        attempt: 1,
        error: { code: 'E', message: text, changed: 'nothing', retryable: false, details: { stdout: text } },
      },
      { type: 'note.added', text, by: text },
    )
    .wait(1000)
    .add(stepFinished('a', 'failed', text), finished('failed')).events;
