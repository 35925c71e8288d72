import { describe, expect, test } from 'vitest';
import { compareKeys } from '../../../engine/kinds/s3/client/list.ts';
import { membersToXml, xmlToMembers } from '../../../engine/kinds/s3/bucket/settings-xml.ts';
import { encodePath, encodeQuery, Signer } from '../../../engine/kinds/s3/client/sign.ts';
import { escapeXml, parseXml } from '../../../engine/kinds/s3/client/xml.ts';
import fc from '../../rig/fast-check.ts';

test('a request is signed as the documentation of S3 signs its example', () => {
  // https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, GET Bucket (List Objects)
  const signer = new Signer(
    { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' },
    'us-east-1',
  );
  const headers = signer.sign(
    {
      method: 'GET',
      path: '/',
      query: encodeQuery({ prefix: 'J', 'max-keys': '2' }),
      headers: { host: 'examplebucket.s3.amazonaws.com' },
      body: undefined,
    },
    Date.parse('2013-05-24T00:00:00Z'),
  );
  expect(headers['authorization']).toContain(
    'Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  );
});

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
