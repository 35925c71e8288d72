import { describe, expect, test } from 'vitest';
import { compareKeys } from '../../../engine/kinds/s3/client/list.ts';
import { membersToXml, xmlToMembers } from '../../../engine/kinds/s3/bucket/settings-xml.ts';
import { encodePath } from '../../../engine/kinds/s3/client/encoding.ts';
import { escapeXml, parseXml } from '../../../engine/kinds/s3/client/xml.ts';
import fc from '../../rig/fast-check.ts';

test('a path is encoded once, and its slashes stay', () => {
  expect(encodePath("a b/ü+%20!'()*.mp4")).toBe('a%20b/%C3%BC%2B%2520%21%27%28%29%2A.mp4');
});

test('keys are in the order of their UTF-8', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      expect(Math.sign(compareKeys(a, b))).toBe(Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))));
    }),
  );
});

describe('XML', () => {
  test('elements, entities, empty elements, white space', () => {
    const root = parseXml(
      '<?xml version="1.0"?>\n<R xmlns="http://x/">\n  <A>a &amp; &#xfc;&#10;</A>\n  <B/>\n  <C><D>1</D></C>\n</R>',
    );
    expect(root).toEqual({
      name: 'R',
      text: '',
      children: [
        { name: 'A', text: 'a & ü\n', children: [] },
        { name: 'B', text: '', children: [] },
        { name: 'C', text: '', children: [{ name: 'D', text: '1', children: [] }] },
      ],
    });
  });

  test.each(['', 'no XML', '<a>', '<a></b>', '<a><b></a></b>', '</a>', '<a'])('%j is none', (text) => {
    expect(parseXml(text)).toBeUndefined();
  });

  test('what is escaped is read back', () => {
    const texts = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(texts, (text) => {
        expect(parseXml(`<a>${escapeXml(text)}</a>`)?.text).toBe(text);
      }),
    );
  });

  test('settings come back as they went', () => {
    const rule = {
      ID: 'a',
      Status: 'Enabled',
      Priority: 1,
      Filter: {
        And: {
          Prefix: 'x/',
          Tags: [
            { Key: 'k', Value: 'v' },
            { Key: 'l', Value: 'w' },
          ],
        },
      },
      Transitions: [{ Days: 30, StorageClass: 'GLACIER' }],
      Expiration: { ExpiredObjectDeleteMarker: true },
    };
    const read = parseXml(`<Rule>${membersToXml(rule)}</Rule>`);
    expect(read === undefined ? undefined : xmlToMembers(read)).toEqual(rule);
    const tagged = parseXml('<Rule><Filter><Tag><Key>k</Key><Value>v</Value></Tag></Filter></Rule>');
    expect(tagged === undefined ? undefined : xmlToMembers(tagged)).toEqual({
      Filter: { Tag: { Key: 'k', Value: 'v' } },
    });
  });
});
