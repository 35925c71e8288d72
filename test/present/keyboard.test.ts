import type { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Reading } from '../../engine/present/prompt/keyboard.ts';
import { Keyboard } from '../../engine/present/prompt/keyboard.ts';
import { HandClock } from '../rig/hand-clock.ts';
import { KEY, virtualKeyboard } from '../rig/virtual-terminal.ts';

let clock: HandClock;
let stdin: ReturnType<typeof virtualKeyboard>;
let keyboard: Keyboard;
let written: string;
let pressed: string[];
let interrupted: number;

beforeEach(() => {
  clock = new HandClock();
  stdin = virtualKeyboard();
  written = '';
  pressed = [];
  interrupted = 0;
  keyboard = new Keyboard({
    stdin: stdin.stdin,
    clock,
    write: (text) => (written += text),
    interrupt: () => (interrupted += 1),
    suspend: () => undefined,
    scroll: () => undefined,
    pressed: (key) => pressed.push(key),
    heard: () => undefined,
  });
  keyboard.start();
});

/** A prompt that is on the screen, and what it was given so far. */
function prompt(reading: Reading): () => string {
  const input: PassThrough = keyboard.open(reading);
  keyboard.shown();
  let given = '';
  input.on('data', (data: Buffer) => (given += data.toString()));
  return () => given;
}

/** A key that stands alone. */
async function press(key: string): Promise<void> {
  stdin.press(key);
  await clock.pass(100);
}

describe('bracketed paste', () => {
  it('is on while the screen has the keyboard, and off when it gives it back', () => {
    expect(written).toBe('\u001B[?2004h');
    keyboard.stop();
    expect(written).toBe('\u001B[?2004h\u001B[?2004l');
    keyboard.start();
    expect(written.endsWith('h')).toBe(true);
  });
});

describe('a question that one key answers', () => {
  it('is given a key that stands alone', async () => {
    const given = prompt('key');
    await clock.pass(300);
    await press('g');
    expect(given()).toBe('g');
  });

  it('is not given what was pressed before it was shown, nor in its first moments', async () => {
    const input = keyboard.open('key');
    let given = '';
    input.on('data', (data: Buffer) => (given += data.toString()));
    await clock.pass(5000);
    await press('g');
    keyboard.shown();
    await clock.pass(200);
    await press('g');
    await clock.pass(200);
    expect(given).toBe('');
    await clock.pass(60);
    await press('p');
    expect(given).toBe('p');
  });

  it('is not given keys that the process was too busy to read in time', async () => {
    const given = prompt('key');
    // The clock rings while the key lies in the terminal: it is read in the same turn, before the silence counts.
    const passed = clock.pass(300);
    stdin.press('g');
    await passed;
    await clock.pass(100);
    expect(given()).toBe('');
  });

  it('is given no key of a text, however fast it comes in', async () => {
    const given = prompt('key');
    await clock.pass(2000);
    for (const key of 'error log text') stdin.press(key);
    await clock.pass(100);
    stdin.press('going down');
    stdin.press('g');
    await clock.pass(1000);
    expect(given()).toBe('');
  });

  it('is not answered by the press that answered the one before, for as long as it lasts', async () => {
    const first = prompt('key');
    await clock.pass(2000);
    await press(KEY.enter);
    expect(first()).toBe(KEY.enter);
    keyboard.close();
    const second = prompt('key');
    // The key repeats after half a second, then ten times a second: slower than any text that is pasted.
    await clock.pass(500);
    for (let repeats = 0; repeats < 30; repeats++) await press(KEY.enter);
    expect(second()).toBe('');
    await press('n');
    expect(second()).toBe('');
    await clock.pass(1000);
    await press(KEY.enter);
    expect(second()).toBe(KEY.enter);
  });

  it('is moved through by arrows that are held down', async () => {
    const given = prompt('key');
    await clock.pass(2000);
    stdin.press(KEY.down, KEY.down, `${KEY.down}${KEY.up}`);
    expect(given()).toBe(KEY.down + KEY.down + KEY.down + KEY.up);
  });
});

describe('a question that a text answers', () => {
  it('is given letters at once, and Enter after them', async () => {
    const given = prompt('text');
    for (const key of 'no') await press(key);
    await press(KEY.enter);
    expect(given()).toBe('no\r');
  });

  it('is given a paste as one line, without its ends', async () => {
    const given = prompt('text');
    stdin.press('\u001B[200~a\nb\u0007c\r\n\u001B[201~');
    await clock.pass(100);
    expect(given()).toBe('a b c');
  });

  it('is not ended by an Enter that comes with the text', async () => {
    const given = prompt('text');
    for (const key of 'peakops-main\r') stdin.press(key);
    stdin.press('x\r');
    await clock.pass(1000);
    expect(given()).toBe('peakops-mainx');
  });

  it('is not ended by an Enter of its first moments', async () => {
    const given = prompt('text');
    await press(KEY.enter);
    expect(given()).toBe('');
    await clock.pass(300);
    await press(KEY.enter);
    expect(given()).toBe(KEY.enter);
  });
});

describe('while nothing is asked', () => {
  it('hears a key that stands alone, and none of a text', async () => {
    await press('x');
    for (const key of 'exit') stdin.press(key);
    stdin.press('xx');
    await clock.pass(1000);
    expect(pressed).toEqual(['x']);
  });

  it('hears Ctrl-C, whatever it comes with', () => {
    stdin.press('abc\u0003');
    expect(interrupted).toBe(1);
  });
});
