#!/usr/bin/env node
import { engineVersion } from './package-info.ts';

// Nothing else is loaded for the one question that scripts ask at every start.
if (process.argv.length === 3 && (process.argv[2] === '--version' || process.argv[2] === '-V')) {
  process.stdout.write(`${engineVersion()}\n`);
} else {
  const { main } = await import('./program.ts');
  process.exitCode = await main(process.argv);
}
