import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import type { Headline } from '../../engine/present/headline.ts';
import type { TerminalOptions, TerminalView } from '../../engine/present/terminal.ts';
import { createTerminalView } from '../../engine/present/terminal.ts';
import { EventStream, finished, left, manySteps, phase, runStarted, started } from '../rig/event-stream.ts';
import { FakeClock } from '../rig/fake-clock.ts';
import { processorMillis } from '../rig/processor-time.ts';
import { KEY, virtualKeyboard, VirtualTerminal } from '../rig/virtual-terminal.ts';

const headline: Headline = {
  elapsedMs: 0,
  mode: 'drill',
  playbook: 'database-corruption',
  environment: 'sandbox',
  openDebts: 0,
};

let view: TerminalView | undefined;

afterEach(() => {
  view?.close();
  view = undefined;
});

function open(terminal: VirtualTerminal, options: Partial<TerminalOptions> = {}): TerminalView {
  view = createTerminalView({
    stdout: terminal.stdout,
    stderr: new VirtualTerminal().stdout,
    stdin: virtualKeyboard().stdin,
    color: false,
    unicode: true,
    headline: () => headline,
    clock: new FakeClock(),
    ...options,
  });
  return view;
}

describe('the terminal view', () => {
  it('shows a run live and leaves it folded behind', async () => {
    const terminal = new VirtualTerminal(80, 24);
    const screen = open(terminal);
    const stream = new EventStream();
    screen.event(stream.at(0, runStarted));
    screen.event(stream.at(10, phase('a', 'Contain')));
    screen.event(stream.at(20, started('s', 'Suspend the API')));
    await terminal.shows(/▸ Contain[\s\S]*Suspend the API/);
    expect(terminal.cursorVisible).toBe(false);
    screen.event(stream.at(30, finished('s', 'Suspend the API')));
    screen.event(stream.at(40, left('a')));
    screen.close();
    expect(terminal.text).toContain('✔ Contain  1 step');
    expect(terminal.text).not.toContain('Suspend the API');
    expect(terminal.cursorVisible).toBe(true);
  });

  it('keeps its clock going while nothing happens', async () => {
    const terminal = new VirtualTerminal();
    let elapsedMs = 0;
    open(terminal, { headline: () => ({ ...headline, elapsedMs: (elapsedMs += 1000) }) });
    await terminal.shows(/0:03 elapsed/);
  });

  it('knows what a resumed run did before', async () => {
    const terminal = new VirtualTerminal();
    const stream = new EventStream();
    open(terminal, {
      history: [stream.at(0, runStarted), stream.at(1, phase('a', 'Contain')), stream.at(2, left('a'))],
    });
    await terminal.shows(/✔ Contain/);
  });

  it('holds back what others write to the terminal, and shows it at the end', async () => {
    const terminal = new VirtualTerminal();
    const screen = open(terminal);
    await terminal.shows(/elapsed/);
    terminal.stdout.write('a warning of a library\n');
    expect(terminal.text).not.toContain('warning');
    screen.close();
    expect(terminal.text).toContain('a warning of a library');
  });

  it('turns Ctrl-C into an interrupt, and drops other keys while nothing is asked', async () => {
    const terminal = new VirtualTerminal();
    const keyboard = virtualKeyboard();
    let interrupted = (): void => undefined;
    const interrupt = new Promise<void>((resolve) => {
      interrupted = resolve;
    });
    open(terminal, { stdin: keyboard.stdin, onInterrupt: interrupted });
    keyboard.press('junk', KEY.enter, KEY.ctrlC);
    await interrupt;
    expect(terminal.text).not.toContain('junk');
  });

  it('draws itself anew when the terminal is made narrower, and wraps nothing', async () => {
    const terminal = new VirtualTerminal(120, 30);
    const screen = open(terminal);
    const stream = new EventStream();
    screen.event(stream.at(0, runStarted));
    screen.event(stream.at(1, started('s', 'A title that is long enough to need more than forty columns')));
    await terminal.shows(/forty columns/);
    terminal.resize(40, 12);
    await terminal.shows(/…/);
    expect(terminal.width).toBeLessThan(40);
    expect(terminal.height).toBeLessThanOrEqual(12);
  });

  it('tells what the command line has to say', async () => {
    const terminal = new VirtualTerminal();
    const screen = open(terminal);
    screen.tell('Pausing at the next safe point');
    await terminal.shows(/· Pausing at the next safe point/);
    screen.tell('');
    await terminal.hides(/Pausing/);
  });

  it('writes no colour where none is wanted', async () => {
    const plain = new VirtualTerminal();
    open(plain);
    await plain.shows(/elapsed/);
    expect(plain.coloured).toBe(false);
    view?.close();
    const coloured = new VirtualTerminal();
    open(coloured, { color: true });
    await coloured.shows(/elapsed/);
    expect(coloured.coloured).toBe(true);
  });

  it('is neither flooded nor slowed by 1,000 steps', async () => {
    const terminal = new VirtualTerminal(100, 30);
    const screen = open(terminal);
    await terminal.shows(/elapsed/);
    const events = manySteps(1000);
    const wrote = terminal.written;
    const millis = await processorMillis(async () => {
      for (const [index, event] of events.entries()) {
        screen.event(event);
        screen.signal({ type: 'log', key: 'step1', line: 'noise' });
        // Timers get their turn, as they do between two fsyncs.
        if (index % 10 === 0) await new Promise(setImmediate);
      }
      await terminal.shows(/Phase 10 /);
    });
    expect(terminal.height).toBeLessThanOrEqual(30);
    expect(terminal.written - wrote).toBeLessThan(40_000);
    expect(millis).toBeLessThan(1000);
  });

  it('leaves nothing behind that would keep the process alive', async () => {
    const terminal = new VirtualTerminal();
    const keyboard = virtualKeyboard();
    const screen = open(terminal, { stdin: keyboard.stdin });
    screen.close();
    expect(keyboard.stdin.listenerCount('data')).toBe(0);
    expect(terminal.listenerCount('resize')).toBe(0);
    terminal.end();
    await once(terminal, 'finish');
  });
});
