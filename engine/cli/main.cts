#!/usr/bin/env node
// The way in. CommonJS, because Node.js starts it sooner; all else is in the bundle that rolldown makes
// of dist/. Why this is so, and what each part of it brings: docs/decisions/start-up.md.
const { readFileSync, renameSync, writeFileSync } = process.getBuiltinModule('node:fs');
const path = process.getBuiltinModule('node:path');

/** Loaded when needed: `--version` does without. */
const crc32 = (data: Buffer): number => process.getBuiltinModule('node:zlib').crc32(data);

interface Program {
  main(argv: readonly string[]): Promise<number>;
}

const BUNDLE = path.join(__dirname, '..', 'bundle');
const START = path.join(BUNDLE, 'start.cjs');
const CODE_CACHE = path.join(BUNDLE, 'start.cache');

// Nothing else is loaded for the one question that scripts ask at every start.
if (process.argv.length === 3 && (process.argv[2] === '--version' || process.argv[2] === '-V')) {
  process.stdout.write(`${version()}\n`);
} else {
  void run();
}

function version(): string {
  const manifest = readFileSync(path.join(__dirname, '..', '..', 'package.json'), 'utf8');
  return (JSON.parse(manifest) as { readonly version: string }).version;
}

async function run(): Promise<void> {
  const { program, saveCodeCache } = loadProgram();
  process.exitCode = await program.main(process.argv);
  saveCodeCache();
}

/** Loads the part of the bundle that every command needs, with the code that V8 made of it the last time. */
function loadProgram(): { readonly program: Program; readonly saveCodeCache: () => void } {
  const { createRequire, Module } = process.getBuiltinModule('node:module');
  const { Script, constants } = process.getBuiltinModule('node:vm');
  const text = readFileSync(START, 'latin1');
  const digest = Buffer.from(text.slice(0, text.indexOf('\n')));
  const cachedData = readCodeCache(digest);
  const script = new Script(`(function (exports, require, module, __filename, __dirname) {${text}\n})`, {
    filename: START,
    ...(cachedData === undefined ? {} : { cachedData }),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  // The other parts of the bundle require this one: they must find it, not load it a second time.
  const module = new Module(START);
  const require = createRequire(START);
  require.cache[START] = module;
  const wrapped = script.runInThisContext() as (...names: readonly unknown[]) => void;
  wrapped(module.exports, require, module, START, BUNDLE);
  module.loaded = true;
  const isCurrent = cachedData !== undefined && script.cachedDataRejected !== true;
  return {
    program: require('./program.cjs') as Program,
    saveCodeCache: () => {
      if (!isCurrent) writeCodeCache(digest, script.createCachedData());
    },
  };
}

/**
 * V8 rejects what another release of it made, but takes the rest on trust: of the text it compares no
 * more than the length, and data that a disk has spoiled ends the process. Hence digest and checksum.
 */
function readCodeCache(digest: Buffer): Buffer | undefined {
  try {
    const file = readFileSync(CODE_CACHE);
    const data = file.subarray(digest.length + 4);
    const isWhole = file.readUInt32LE(digest.length) === crc32(data);
    return isWhole && file.subarray(0, digest.length).equals(digest) ? data : undefined;
  } catch {
    return undefined;
  }
}

/** Where the package's folder may not be written, every start compiles anew. */
function writeCodeCache(digest: Buffer, data: Buffer): void {
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(crc32(data));
  const draft = `${CODE_CACHE}.${String(process.pid)}`;
  try {
    writeFileSync(draft, Buffer.concat([digest, checksum, data]));
    renameSync(draft, CODE_CACHE);
  } catch {
    // Nothing is lost but time.
  }
}
