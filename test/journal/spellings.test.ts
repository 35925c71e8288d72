// @module-tag needs/bash
// @module-tag needs/dash
// @module-tag needs/zsh
// @module-tag needs/ksh
// @module-tag needs/perl
// @module-tag needs/jq
// @module-tag needs/python3
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { escapeIdentifier, escapeLiteral } from 'pg';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { Redactor } from '../../engine/journal/redact.ts';
import fc from '../rig/fast-check.ts';

/** Made up: each holds what some program escapes. */
const SECRETS = [
  'wJalrXUtn/K7MDENG/bPxRfiCYEXAMPLEKEY',
  `p'ss!w(rd)&<x> "q" $H \`a\` b\\c/d+e=f%g`,
  "two''quotes and\ttabs\\\\t",
  'größe-naïve-пароль-密码-😀-end',
  'line one of it\nand "line" two\nthree\\four',
  '{"user":"app","key":"a\\/b\\u0041"}',
  '$(rm -rf ~)*?[a-z]#!^{1..3};|',
  '~/.=:,@-_ plus+space',
];

/** What is left of secrets: their stretches of four letters, digits or more. */
const leftOver = (secrets: readonly string[], shown: string): readonly string[] =>
  secrets
    .flatMap((secret) => secret.match(/[\p{L}\p{N}]{4,}/gu) ?? [])
    .filter((each) => shown.includes(each));

function blotted(secrets: readonly string[], printed: string): string {
  const redactor = new Redactor();
  for (const secret of secrets) redactor.add(secret);
  // The journal asks about an event as JSON first, and the screen about one text.
  expect(redactor.suspects(JSON.stringify({ line: printed })), printed).toBe(true);
  return redactor.redactText(printed);
}

/** What a script prints, on purpose or by its trace. The first is not in dash. */
const SHELL_WAYS = [
  `printf '%q\\n' "$SECRET"`,
  'set -x; : "$SECRET" "--password=$SECRET"; V=$SECRET; set +x; export -p',
];

/** Each of these prints all secrets in all its ways, as a list in JSON. */
const JQ =
  '[env | to_entries[] | select(.key | startswith("SECRET")) | .value | @sh, @html, @uri, ([.] | @csv), ([.] | @tsv), @base64, tojson, (tojson | tojson)]';

const PYTHON = `
import base64, html, json, os, pprint, quopri, shlex, sys, urllib.parse
from email.header import Header
from email.message import EmailMessage
from xml.sax.saxutils import escape, quoteattr
def ways(s):
 b = s.encode()
 mail = EmailMessage(); mail.set_content('password: ' + s)
 long = EmailMessage(); long.set_content('x' * 70 + s + 'é' * 30)
 return [json.dumps(s), json.dumps(s, ensure_ascii=False), json.dumps(json.dumps({'a': s})), repr(s), ascii(s),
  repr(b), shlex.quote(s), urllib.parse.quote(s), urllib.parse.quote(s, safe=''), urllib.parse.quote_plus(s),
  urllib.parse.urlencode({'p': s}), html.escape(s), escape(s), quoteattr(s), pprint.pformat({'a': s}, width=4000),
  s.encode('ascii', 'xmlcharrefreplace').decode(), s.encode('ascii', 'backslashreplace').decode(),
  quopri.encodestring(b).decode(), quopri.encodestring(b'x' * 60 + b).decode(), Header(s, 'utf-8').encode(maxlinelen=900),
  mail.as_string(), long.as_string(), base64.b64encode(b).decode(), base64.urlsafe_b64encode(b).decode(),
  base64.encodebytes(b'user:' + b * 2).decode(), base64.b64encode(b'app:' + b).decode(), b.hex(), b.hex().upper()]
print(json.dumps([way for name in os.environ if name.startswith('SECRET') for way in ways(os.environ[name])]))
`;
const PERL = `
use strict; use warnings; use JSON::PP; use MIME::Base64; use MIME::QuotedPrint;
my @ways;
for my $name (grep { /^SECRET/ } keys %ENV) {
  my $bytes = $ENV{$name};
  my $quoted = $bytes; $quoted =~ s/([\\\\'])/\\\\$1/g;
  my $text = $bytes; utf8::decode($text);
  push @ways, do { my $q = quotemeta($text); utf8::encode($q); $q }, "'$quoted'", encode_base64("user:$bytes"), encode_qp("x" x 50 . $bytes),
    JSON::PP->new->ascii->allow_nonref->encode($text);
}
print JSON::PP->new->ascii->encode([map { my $way = $_; utf8::decode($way); $way } @ways]);
`;

/** Writers of languages that are not here, by what they document. */
const WRITERS: Readonly<Record<string, (text: string) => string>> = {
  'JSON.stringify': (text) => JSON.stringify(text),
  'JSON twice': (text) => JSON.stringify({ body: JSON.stringify({ a: text }) }),
  'PHP json_encode': (text) => unicode(JSON.stringify(text).replaceAll('/', '\\/'), /[^\x00-\x7f]/g),
  'Go encoding/json': (text) => unicode(JSON.stringify(text), /[<>&\u2028\u2029]/g),
  'Gson, for pages': (text) => unicode(JSON.stringify(text), /[<>&='\u2028\u2029]/g),
  'System.Text.Json': (text) =>
    unicode(JSON.stringify(text).replaceAll('\\"', '\\u0022'), /[<>&'+`]|[^\x00-\x7f]/g).replaceAll(
      /\\u[0-9a-f]{4}/g,
      (code) => `\\u${code.slice(2).toUpperCase()}`,
    ),
  encodeURIComponent,
  encodeURI,
  'encoded twice': (text) => encodeURIComponent(encodeURIComponent(text)),
  form: (text) => new URLSearchParams({ a: text }).toString(),
  'YAML plain or quoted': (text) => stringify({ a: text }),
  'YAML double-quoted': (text) => stringify({ a: text }, { defaultStringType: 'QUOTE_DOUBLE', lineWidth: 0 }),
  'YAML single-quoted': (text) => stringify({ a: text }, { defaultStringType: 'QUOTE_SINGLE', lineWidth: 0 }),
  'SQL literal': (text) => escapeLiteral(text),
  'SQL name': (text) => escapeIdentifier(text),
  CSV: (text) => `"${text.replaceAll('"', '""')}"`,
  'decimal entities': (text) => entities(text, (code) => `&#${code};`),
  'hexadecimal entities': (text) => entities(text, (code) => `&#x${code.toString(16).toUpperCase()};`),
  'entities, escaped again': (text) => entities(text, (code) => `&#${code};`).replaceAll('&', '&amp;'),
  'Shellwords of Ruby': (text) => text.replaceAll(/[^\w\-.,:+/@\n]/gu, '\\$&').replaceAll('\n', "'\n'"),
  'inspect of Ruby': (text) => JSON.stringify(text).replaceAll(/#(?=[{$@])/g, '\\#'),
  'Makefile and Compose': (text) => text.replaceAll('$', '$$$$'),
  'lines after each other': (text) => text.replaceAll('\n', '\r\n    '),
  'HTTP Basic': (text) => `Basic ${Buffer.from(`user:${text}`).toString('base64')}`,
  'Base64 with lines of 76': (text) =>
    Buffer.from(`${'x'.repeat(50)}${text}${text}`)
      .toString('base64')
      .replaceAll(/.{76}/g, '$&\r\n'),
  bytea: (text) => `\\x${Buffer.from(text).toString('hex')}`,
};

const unicode = (text: string, which: RegExp): string =>
  text.replaceAll(which, (unit) =>
    [...Array(unit.length).keys()]
      .map((index) => `\\u${unit.charCodeAt(index).toString(16).padStart(4, '0')}`)
      .join(''),
  );

const entities = (text: string, written: (code: number) => string): string =>
  text.replaceAll(/[^A-Za-z0-9 \n]/gu, (each) => written(each.codePointAt(0)!));

describe('secrets are not shown', () => {
  it.each(
    ['bash', 'dash', 'zsh', 'ksh'].flatMap((shell) =>
      ['C', 'C.UTF-8'].map((locale) => [shell, locale] as const),
    ),
  )('by %s in the locale %s: quoted, traced, exported', async (shell, locale) => {
    const ways = (shell === 'dash' ? SHELL_WAYS.slice(1) : SHELL_WAYS).join('\n');
    const script = SECRETS.map((_, index) => ways.replaceAll('SECRET', `SECRET${index}`)).join('\n');
    const printed = await ran(shell, ['-c', script], locale);
    expect(leftOver(SECRETS, blotted(SECRETS, printed)), printed).toEqual([]);
  });

  it.each([
    ['Python', 'python3', ['-c', PYTHON]],
    ['Perl', 'perl', ['-e', PERL]],
    ['jq', 'jq', ['-nc', JQ]],
    ['jq in ASCII', 'jq', ['-nac', JQ]],
  ] as const)('by the libraries of %s', async (_, program, args) => {
    const ways = JSON.parse(await ran(program, args)) as string[];
    expect(ways.length).toBeGreaterThanOrEqual(SECRETS.length);
    for (const way of ways) expect(leftOver(SECRETS, blotted(SECRETS, way)), way).toEqual([]);
  });

  it.each(Object.entries(WRITERS))('as %s', (_, write) => {
    for (const secret of SECRETS) {
      const way = write(secret);
      expect(leftOver([secret], blotted([secret], way)), way).toEqual([]);
    }
  });
});

it('is found in every spelling, whatever it is', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme-ascii', minLength: 4 }),
      fc.constantFrom(...Object.keys(WRITERS)),
      (filler, name) => {
        const secret = `begin${filler}ending`;
        expect(leftOver([secret], blotted([secret], WRITERS[name]!(secret)))).toEqual([]);
      },
    ),
  );
});

describe('a secret of several lines', () => {
  const key = [
    '-----BEGIN PRIVATE KEY-----',
    'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC',
    'BKcwggSjAgEAAoIBAQDbunyN0tAR3a1K',
    '-----END PRIVATE KEY-----',
    '',
  ].join('\n');

  it('is found line by line, and what says that it is a key stays', () => {
    const redactor = new Redactor();
    redactor.add(key);
    expect(redactor.redactText('got MIIEvQIBADANBgkqhkiG9w0BAQEFAASC')).toBe('got [secret]');
    expect(redactor.redactText(Buffer.from(`  ${key.split('\n')[2]!}`).toString('base64'))).toContain(
      '[secret]',
    );
    expect(redactor.redactText('-----BEGIN PRIVATE KEY-----')).toBe('-----BEGIN PRIVATE KEY-----');
  });

  it('is found where a line was broken elsewhere, and the lines around it stay', () => {
    const redactor = new Redactor();
    redactor.add('correct-horse-battery-staple');
    const broken = Buffer.from('From: app, correct-horse-battery-staple').toString('base64');
    const mail = `Subject: x\n\n${broken.slice(0, 20)}\n${broken.slice(20)}\nbye\n`;
    const clean = redactor.redactText(mail);
    expect(clean).toMatch(/^Subject: x\n\n[A-Za-z0-9]+\[secret\][^\n]*\nbye\n$/);
  });
});

async function ran(program: string, args: readonly string[], locale = 'C.UTF-8'): Promise<string> {
  const secrets = Object.fromEntries(SECRETS.map((secret, index) => [`SECRET${index}`, secret]));
  const env = { PATH: process.env['PATH'], ...secrets, LC_ALL: locale, PYTHONIOENCODING: 'utf-8' };
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  expect(stdout + stderr).not.toBe('');
  return stdout + stderr;
}
