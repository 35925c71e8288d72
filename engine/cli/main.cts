#!/usr/bin/env node
// The way in. CommonJS, because Node.js starts it sooner; all else is in the bundle that `current` names.
// Why this is so, and what each part of it brings: docs/decisions/start-up.md.
const { readFileSync, renameSync, utimesSync, writeFileSync } = process.getBuiltinModule('node:fs');
const path = process.getBuiltinModule('node:path');

/** Loaded when needed: `--version` does without. */
const crc32 = (data: Buffer): number => process.getBuiltinModule('node:zlib').crc32(data);

interface Program {
  main(argv: readonly string[]): Promise<number>;
}

const BUNDLES = path.join(__dirname, '..', 'bundle');
const HOUR_MS = 60 * 60 * 1000;

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
  // Read once: a build may switch to another one at any time, and this process goes on with its own.
  const bundle = path.join(BUNDLES, readFileSync(path.join(BUNDLES, 'current'), 'utf8'));
  setInterval(() => sayInUse(bundle), HOUR_MS).unref();
  const { program, saveCodeCache } = loadProgram(bundle);
  process.exitCode = await program.main(process.argv);
  saveCodeCache();
}

/** A build removes a bundle that nobody has used for a day. */
function sayInUse(bundle: string): void {
  const now = new Date();
  try {
    utimesSync(bundle, now, now);
  } catch {
    // Who may not write here does not build here either.
  }
}

/** Loads the part of the bundle that every command needs, with the code that V8 made of it the last time. */
function loadProgram(bundle: string): { readonly program: Program; readonly saveCodeCache: () => void } {
  const { createRequire, Module } = process.getBuiltinModule('node:module');
  const { Script, constants } = process.getBuiltinModule('node:vm');
  const start = path.join(bundle, 'start.cjs');
  const codeCache = path.join(bundle, 'start.cache');
  const text = readFileSync(start, 'latin1');
  const digest = Buffer.from(text.slice(0, text.indexOf('\n')));
  const cachedData = readCodeCache(codeCache, digest);
  const script = new Script(`(function (exports, require, module, __filename, __dirname) {${text}\n})`, {
    filename: start,
    ...(cachedData !== undefined && { cachedData }),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  // The other parts of the bundle require this one: they must find it, not load it a second time.
  const module = new Module(start);
  const require = createRequire(start);
  require.cache[start] = module;
  const wrapped = script.runInThisContext() as (...names: readonly unknown[]) => void;
  wrapped(module.exports, require, module, start, bundle);
  module.loaded = true;
  const isCurrent = cachedData !== undefined && script.cachedDataRejected !== true;
  return {
    program: require('./program.cjs') as Program,
    saveCodeCache: () => {
      if (!isCurrent) writeCodeCache(codeCache, digest, script.createCachedData());
    },
  };
}

/**
 * V8 rejects what another release of it made, but takes the rest on trust: of the text it compares no
 * more than the length, and data that a disk has spoiled ends the process. Hence digest and checksum.
 */
function readCodeCache(path: string, digest: Buffer): Buffer | undefined {
  try {
    const file = readFileSync(path);
    const data = file.subarray(digest.length + 4);
    const isWhole = file.readUInt32LE(digest.length) === crc32(data);
    return isWhole && file.subarray(0, digest.length).equals(digest) ? data : undefined;
  } catch {
    return undefined;
  }
}

/** Where the package's folder may not be written, every start compiles anew. */
function writeCodeCache(path: string, digest: Buffer, data: Buffer): void {
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(crc32(data));
  const draft = `${path}.${String(process.pid)}`;
  try {
    writeFileSync(draft, Buffer.concat([digest, checksum, data]));
    renameSync(draft, path);
  } catch {
    // Nothing is lost but time.
  }
}
