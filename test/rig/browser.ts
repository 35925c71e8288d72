import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { findProgram } from '../../engine/base/programs.ts';

/** The browser of this machine: none is downloaded. Root may start it without its own sandbox only. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = await findProgram('chromium');
  if (executablePath === undefined) throw new Error('there is no chromium on this machine');
  return await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
}

/** How somebody looks at a page. */
export interface Look {
  readonly width: number;
  readonly colorScheme: 'light' | 'dark';
}

export const LOOKS: readonly Look[] = [360, 1000, 1920].flatMap((width) =>
  (['light', 'dark'] as const).map((colorScheme) => ({ width, colorScheme })),
);

export interface Opened {
  readonly page: Page;
  /** What the page said on the console, threw, or asked for besides itself. */
  readonly complaints: readonly string[];
}

/** Opens a page as the file that it is made to be, and closes it after `use`. */
export async function withPage<T>(
  browser: Browser,
  markup: string,
  { width, colorScheme }: Look,
  use: (opened: Opened) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'drillbook-test-'));
  const file = join(folder, 'page.html');
  writeFileSync(file, markup);
  const address = pathToFileURL(file).href;
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
  try {
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      const url = request.url();
      if (url !== address && !url.startsWith('data:')) complaints.push(`asked for ${url}`);
    });
    await page.goto(address);
    return await use({ page, complaints });
  } finally {
    await context.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
