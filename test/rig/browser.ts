import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { findProgram } from '../../engine/base/programs.ts';
import fc from './fast-check.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core');

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

/** What stands in the way of people who read by keyboard or by ear, as far as a program sees it. */
export async function barriers(page: Page): Promise<readonly string[]> {
  // The page's policy lets no script in; the browser's own world is not under it.
  const session = await page.context().newCDPSession(page);
  await session.send('Page.setBypassCSP', { enabled: true });
  await page.reload();
  await page.addScriptTag({ path: AXE });
  const { violations } = await page.evaluate<AxeResults>('axe.run()');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

/** All elements and attributes of a page as the browser reads it, which must not hang on what others wrote. */
export const tagsOf = (browser: Browser, markup: string): Promise<string> =>
  withPage(browser, markup, { width: 1000, colorScheme: 'light' }, async ({ page, complaints }) => {
    if (complaints.length > 0) throw new Error(complaints.join('; '));
    return page.evaluate<string>(
      `[...document.querySelectorAll('*')].map((e) => e.tagName + [...e.attributes].map((a) => ' ' + a.name)).join('\\n')`,
    );
  });

/** What somebody may call a thing who means harm. */
export const anyMarkup = fc
  .array(
    fc.constantFrom(
      '<script>x()</script>',
      '<img src=x onerror=alert(1)>',
      '</title><h1>',
      '</style></svg></table>',
      ']]><!--',
      '-->',
      '"\'',
      '" onload="x()',
      '&lt;b&gt;',
      '&#60;i>',
      '\u0000\u202e',
      '${x}',
      'a',
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((parts) => `a${parts.join('')}z`);
