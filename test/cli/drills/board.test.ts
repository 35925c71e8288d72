// @module-tag needs/chromium
// @module-tag needs/python3
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { barriers, startBrowser } from '../../rig/browser.ts';
import { drillbook, startDrillbook, temporaryFolder } from '../../rig/drillbook.ts';
import type { Place } from '../../rig/drillbook.ts';
import { startOnTerminal } from '../../rig/pseudo-terminal.ts';

const LAMP = `version: 1
id: lamp
title: The lamp is out <script>document.title = 'taken'</script>
summary: Somebody looks, and switches it on.
owner: us
priority: low
objectives: { rto: { target: 10m, from: detected, to: verified } }
steps:
  - phase: Light
    steps:
      - { id: look, title: Look at the lamp, uses: manual, with: { instructions: Look at it. } }
      - id: switchOn
        title: Switch it on
        uses: shell
        effect: write
        with: { script: echo on > lamp.txt }
        confirm: { message: It becomes bright. }
        mark: verified
`;
const LAB = `version: 1
name: lab
kind: staging
policy: { allowScripts: true }
`;

let browser: Browser;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());

function labFolder(): Place {
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, 'playbooks', 'environments'), { recursive: true });
  writeFileSync(join(cwd, 'playbooks', 'lamp.yaml'), LAMP);
  writeFileSync(join(cwd, 'playbooks', 'environments', 'lab.yaml'), LAB);
  return { cwd };
}

/** A board on a port of its own, and a browser that came in by its link; with all that a page complained of. */
async function comeIn(
  place: Place,
): Promise<{ readonly page: Page; readonly complaints: readonly string[] }> {
  const board = startDrillbook(['board', '--listen', '127.0.0.1:0', '--as', 'ben'], place);
  onTestFinished(async () => {
    board.process.kill();
    await board.finished;
  });
  const [link] = /http:\S+/.exec(await board.line(/Come in, once: /)) ?? [];
  const context = await browser.newContext({ viewport: { width: 1000, height: 900 } });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(link ?? '');
  await page.getByRole('button', { name: 'Come in' }).click();
  return { page, complaints };
}

const asks = (page: Page, title: string): Promise<void> =>
  page.getByRole('heading', { name: title, exact: true }).first().waitFor();

describe('a run on the board', () => {
  it('changes as it goes on, and is answered from there to its end', async () => {
    const place = labFolder();
    const run = startOnTerminal(['recover', 'lamp', '--env', 'lab'], place, { columns: 100, rows: 40 });
    await run.terminal.shows(/When did it happen/);
    const { page, complaints } = await comeIn(place);
    await page.getByRole('link', { name: /The lamp is out/ }).click();

    for (const [question, answer] of [
      ['When did it happen?', '3 minutes ago'],
      ['When was it noticed?', '2 minutes ago'],
    ] as const) {
      await asks(page, question);
      await page.locator('[name=value]').fill(answer);
      await page.getByRole('button', { name: 'Answer' }).click();
    }
    await asks(page, 'Look at the lamp');
    expect(await page.title()).toBe("The lamp is out <script>document.title = 'taken'</script>");
    await page.getByRole('button', { name: 'Done', exact: true }).click();
    await asks(page, 'Switch it on');
    expect(await page.locator('.question').innerText()).toContain('It becomes bright.');
    await page.getByRole('button', { name: 'Go ahead' }).click();
    await page.getByText('Ended: succeeded').waitFor();

    expect(await run.finished).toBe(0);
    expect(complaints).toEqual([]);
    const { stdout } = await drillbook(['report', '--format', 'json'], place);
    expect(stdout).toMatch(/"by": ?"ben"/);
  });

  it('goes on in a browser by itself when it was answered at the terminal, and can be read by everybody', async () => {
    const place = labFolder();
    const run = startOnTerminal(['recover', 'lamp', '--env', 'lab'], place, { columns: 100, rows: 40 });
    await run.terminal.shows(/When did it happen/);
    const { page } = await comeIn(place);
    await page.getByRole('link', { name: /The lamp is out/ }).click();
    await asks(page, 'When did it happen?');
    // What is missed while nothing is heard of the board is sent when it is heard again.
    await page.context().setOffline(true);
    run.type('\u0003');
    await run.terminal.shows(/Paused: /);
    await page.context().setOffline(false);
    await page.getByText(/Paused by/).waitFor();
    for (const width of [360, 1920]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    }
    expect(await barriers(page)).toEqual([]);
  });
});
