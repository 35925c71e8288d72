import { describe, expect, it } from 'vitest';
import { Painter } from '../../engine/present/painter.ts';
import { PromptFrame } from '../../engine/present/prompt/frame.ts';
import { VirtualTerminal } from '../rig/virtual-terminal.ts';

function painterOn(terminal: VirtualTerminal): Painter {
  return new Painter((text) => {
    terminal.write(text);
  });
}

describe('the painter', () => {
  it('shows every picture as it is, whether it grows or shrinks', () => {
    const terminal = new VirtualTerminal();
    const painter = painterOn(terminal);
    for (const picture of [['a'], ['a', 'b', 'c'], ['long line', 'b'], [], ['x', '', 'z'], ['y']]) {
      painter.paint(picture);
      expect(terminal.text).toBe(picture.join('\n').trimEnd());
    }
  });

  it('leaves what stood above it alone', () => {
    const terminal = new VirtualTerminal();
    terminal.write('$ drillbook drill\n');
    const painter = painterOn(terminal);
    painter.paint(['one', 'two']);
    painter.clear();
    terminal.write('the end\n');
    expect(terminal.text).toBe('$ drillbook drill\nthe end');
  });

  it('writes nothing when nothing changed, and only the line that did', () => {
    const terminal = new VirtualTerminal();
    const painter = painterOn(terminal);
    const lines = Array.from({ length: 20 }, (_, index) => `line ${index} ${'.'.repeat(60)}`);
    painter.paint(lines);
    const before = terminal.written;
    painter.paint([...lines]);
    expect(terminal.written).toBe(before);
    painter.paint([...lines.slice(0, 19), 'other']);
    expect(terminal.written - before).toBeLessThan(50);
  });

  it('puts the cursor where the prompt has it, and hides it again', () => {
    const terminal = new VirtualTerminal();
    const painter = painterOn(terminal);
    painter.paint(['title', '> typed', 'comment'], { row: 1, column: 4 });
    expect(terminal.cursor).toEqual({ row: 1, column: 4 });
    painter.paint(['title', '> typed', 'comment'], { row: 1, column: 5 });
    expect(terminal.cursor).toEqual({ row: 1, column: 5 });
    painter.paint(['title']);
    expect(terminal.cursorVisible).toBe(false);
  });

  it('shows everything anew on a screen of another size', () => {
    const terminal = new VirtualTerminal();
    const painter = painterOn(terminal);
    painter.paint(['one', 'two']);
    terminal.write('garbage');
    painter.redraw();
    painter.paint(['one', 'two']);
    expect(terminal.text).toBe('one\ntwo');
  });
});

describe('the frame of a prompt', () => {
  it('holds what inquirer would show: text, the lines below it, and the cursor', () => {
    let changes = 0;
    const frame = new PromptFrame(40, () => {
      changes += 1;
    });
    frame.write('Why?\n> ab\nhint\u001B[1A\u001B[5G');
    expect(frame.lines).toEqual(['Why?', '> ab', 'hint']);
    expect(frame.cursor).toEqual({ row: 1, column: 4 });
    const erase = '\u001B[2K\u001B[1A';
    frame.write(`\u001B[1B${erase}${erase}\u001B[2K\u001B[GWhy?\n> abc\u001B[6G`);
    expect(frame.lines).toEqual(['Why?', '> abc']);
    frame.write('\u001B[?25l');
    expect(frame.cursor).toBeUndefined();
    expect(changes).toBe(3);
  });
});
