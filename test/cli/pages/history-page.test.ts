// @module-tag needs/chromium
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { historyPage, scorecardPage } from '../../../engine/report/page/history-page.ts';
import { anyMarkup, barriers, LOOKS, startBrowser, tagsOf, withPage } from '../../rig/browser.ts';
import fc from '../../rig/fast-check.ts';
import { storeOfYears } from '../../report/history-rig.ts';

// What only a browser can say of the pages.

let browser: Browser;
const pages = { history: '', scorecard: '' };

beforeAll(async () => {
  browser = await startBrowser();
  pages.history = await historyPage(storeOfYears());
  pages.scorecard = scorecardPage(storeOfYears());
});
afterAll(() => browser.close());

describe.each(LOOKS)('the history at $width pixels, $colorScheme', (look) => {
  it('fits, asks for nothing and complains of nothing', async () => {
    await withPage(browser, pages.history, look, async ({ page, complaints }) => {
      const width = await page.evaluate<number>('document.documentElement.scrollWidth');
      expect(width).toBeLessThanOrEqual(look.width);
      expect(complaints).toEqual([]);
    });
  });
});

describe('the history in a browser', () => {
  it('takes whatever others wrote as text', async () => {
    const tags = async (text: string): Promise<string> =>
      tagsOf(browser, await historyPage(storeOfYears(text)));
    const plain = await tags('word');
    await fc.assert(
      fc.asyncProperty(anyMarkup, async (evil) => {
        expect(await tags(evil)).toBe(plain);
      }),
      { numRuns: 5 },
    );
  });

  it.each([
    { width: 360, colorScheme: 'light' },
    { width: 1920, colorScheme: 'dark' },
  ] as const)('can be read by everybody at $width pixels, $colorScheme', async (look) => {
    await withPage(browser, pages.history, look, async ({ page }) => {
      expect(await barriers(page)).toEqual([]);
    });
  });

  it('shows verdict and figures of the scorecard without scrolling', async () => {
    await withPage(browser, pages.history, { width: 1000, colorScheme: 'light' }, async ({ page }) => {
      for (const part of ['.scorecard .verdict', '.tiles', '.small.gauge']) {
        const box = await page.locator(part).first().boundingBox();
        expect((box?.y ?? Infinity) + (box?.height ?? 0)).toBeLessThan(500);
      }
    });
  });

  it('is printed with the scorecard on a page of its own', async () => {
    const look = { width: 1000, colorScheme: 'dark' } as const;
    const pagesOf = (name: keyof typeof pages): Promise<number> =>
      withPage(browser, pages[name], look, async ({ page }) => {
        const pdf = await page.pdf({ format: 'A4', preferCSSPageSize: true });
        return pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0;
      });
    expect(await pagesOf('scorecard')).toBe(1);
    expect(await pagesOf('history')).toBeGreaterThan(1);
  });
});
