// What the first texts cost a process that knows 31 secrets: nothing is compiled or optimized yet. Medians of 5.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { Redactor } from '../../dist/journal/redact.js';

const SIGNS = `!@#$%^&*()-_=+/'" `;

/** Keys, tokens in Base64 and passwords with signs in them, the same each time. */
const secrets = Array.from({ length: 31 }, (_, index) => {
  const digest = createHash('sha256').update(String(index));
  if (index % 3 === 0) return digest.digest('base64url').slice(0, 40);
  if (index % 3 === 1) return digest.digest('base64');
  return digest
    .digest('base64url')
    .slice(0, 24)
    .replaceAll(/(.{4})./g, (_, four) => four + SIGNS[index % SIGNS.length]);
});
const innocent = JSON.stringify({ type: 'log', line: 'nothing that is secret stands in here '.repeat(10) });

const WAYS = {
  'a text without a secret': (redactor) => redactor.suspects(innocent),
  'a text with one of them': (redactor) => redactor.redactText(`PGPASSWORD=${secrets[5]} psql`),
  'a text with all of them': (redactor) => redactor.redactText(secrets.join('\n')),
};

function knowing() {
  const redactor = new Redactor();
  for (const secret of secrets) redactor.add(secret);
  return redactor;
}

const [way] = process.argv.slice(2);
if (way === undefined) {
  for (const name of [...Object.keys(WAYS), 'a text after each that is added']) {
    const times = Array.from({ length: 5 }, () =>
      Number(execFileSync(process.execPath, [process.argv[1], name], { encoding: 'utf8' })),
    );
    process.stdout.write(`${name}: ${times.sort((a, b) => a - b)[2].toFixed(1)} ms\n`);
  }
} else {
  const before = performance.now();
  if (way in WAYS) WAYS[way](knowing());
  else {
    const redactor = new Redactor();
    for (const secret of secrets) {
      redactor.add(secret);
      redactor.suspects(innocent);
    }
  }
  process.stdout.write(String(performance.now() - before));
}
