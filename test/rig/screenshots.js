// Shows a page as people with narrow, usual and wide screens see it, light and dark, and on paper:
// `node test/rig/screenshots.js report.html shots/`. What is ugly no test sees.
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { findProgram } from '../../dist/base/programs.js';

const [file, folder = '.'] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
const browser = await chromium.launch({ executablePath: await findProgram('chromium'), args });
for (const width of [360, 1000, 1920]) {
  for (const colorScheme of ['light', 'dark']) {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    await page.goto(pathToFileURL(resolve(file)).href);
    await page.screenshot({ path: join(folder, `${width}-${colorScheme}.png`), fullPage: true });
    if (width === 1000) await page.pdf({ path: join(folder, 'paper.pdf'), preferCSSPageSize: true });
    await page.close();
  }
}
await browser.close();
