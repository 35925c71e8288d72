import { describe, expect, it } from 'vitest';
import type { Value, ValueMap } from '../../engine/base/value.ts';
import { computed } from '../../engine/interpret/life/names.ts';
import type { Playbook } from '../../engine/model/playbook.ts';
import { SourceFile } from '../../engine/source/file.ts';

const span = { file: new SourceFile('test.yaml', ''), start: 0, end: 0 };

describe('the values of "let"', () => {
  it('are worked out once, however often others name them, and however many lead to each other', () => {
    const names = Array.from({ length: 5000 }, (_, index) => `v${index}`);
    const values: Playbook['let'] = names.map((key, index) => ({
      key,
      uses: names.slice(Math.max(index - 1, 0), index),
      value: { type: 'literal', value: key, span },
    }));
    const rendered: Value[] = [];
    const vars: ValueMap = computed(values, (template) => {
      const key = template.type === 'literal' && typeof template.value === 'string' ? template.value : '';
      rendered.push(key);
      const before = names[names.indexOf(key) - 1];
      // As an expression does that names it twice.
      return before === undefined ? 1 : Number(vars[before]) / 2 + Number(vars[before]) / 2;
    });
    expect(vars['v4999']).toBe(1);
    expect(vars['v4999']).toBe(1);
    expect(rendered).toEqual(names);
  });

  it('are not worked out before they are asked for', () => {
    const early: Playbook['let'] = [{ key: 'early', uses: [], value: { type: 'literal', value: 1, span } }];
    const vars = computed(early, () => {
      throw new Error('what it needs is not there yet');
    });
    expect(Object.keys(vars)).toEqual(['early']);
    expect(() => vars['early']).toThrow('not there yet');
  });
});
