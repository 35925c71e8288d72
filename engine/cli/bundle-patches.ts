import type { Plugin } from 'rolldown';

// What the bundle has otherwise than the libraries that it is made of. Each patch names the text that it replaces,
// and the build stops where a library no longer has it. What they bring: docs/decisions/start-up.md.

/** commander loads child_process, and with it the network, for subcommands that are programs of their own: here is none. */
export const withoutChildProcess: Plugin = {
  name: 'without-child-process',
  transform(code, id) {
    if (!id.endsWith('commander/lib/command.js')) return null;
    const patched = replaced(code, "const childProcess = require('node:child_process');", '');
    return patched.replaceAll('childProcess.', "require('node:child_process').");
  },
};

/**
 * The lexer and the parser of yaml are generators that call generators: half a dozen for each token, one inside
 * of the other. Here they are plain methods that hand on each token, with nothing else changed. Nor do they read an
 * environment variable for each.
 */
export const yamlWithoutGenerators: Plugin = {
  name: 'yaml-without-generators',
  transform(code, id) {
    if (id.endsWith('yaml/dist/parse/lexer.js')) return plainLexer(code);
    return id.endsWith('yaml/dist/parse/parser.js') ? plainParser(code) : null;
  },
};

export const plainLexer = (code: string): string => withoutGenerators(code);

export function plainParser(code: string): string {
  const logged = /^ +if \(node_process\.env\.LOG_TOKENS\)\n.+\n/m;
  const head = '    parse(source, incomplete = false) {\n';
  const loop = 'for (const lexeme of this.lexer.lex(source, incomplete))\n            this.next(lexeme);';
  const end = '        if (!incomplete)\n            this.end();\n';
  const emits = `${head}        const tokens = [];\n        this.emit = (token) => tokens.push(token);\n`;
  const pushes =
    'this.lexer.emit = (lexeme) => this.next(lexeme);\n        this.lexer.lex(source, incomplete);';
  let patched = replaced(withoutGenerators(code), logged, '');
  patched = replaced(patched, head, emits);
  patched = replaced(patched, loop, pushes);
  return replaced(patched, end, `${end}        return tokens;\n`);
}

/** `*method() { yield* this.other(); yield token; }` as `method() { this.other(); this.emit(token); }`. */
function withoutGenerators(code: string): string {
  const plain = code
    .replaceAll(/\/\*\*?\n[^]*?\*\//g, '')
    .replaceAll(/^ {4}\*(?=\w+\()/gm, '    ')
    .replaceAll('yield* this.', 'this.')
    .replaceAll(/\byield ([^;]+);/g, 'this.emit($1);');
  if (/\byield\b|function\*/.test(plain)) throw new Error('yaml is written in another way now');
  return plain;
}

function replaced(code: string, from: string | RegExp, to: string): string {
  const patched = code.replace(from, to);
  if (patched === code) throw new Error(`The library no longer has what is replaced in it: ${String(from)}`);
  return patched;
}
