// The floor of a check: reads the files that it is given with the YAML library, and holds them and the `with` of
// their steps against the same compiled schemas. It knows no places, no expressions and no calls. check.js
// bundles it and measures `drillbook check` against it.
import { readFileSync } from 'node:fs';
import { files, steps } from '#validators/index';
import { parse } from 'yaml';

let problems = 0;

function validateSteps(value) {
  if (typeof value !== 'object' || value === null) return;
  const kind = Object.hasOwn(value, 'uses') ? steps[value.uses] : undefined;
  if (kind !== undefined && !kind.validate(value.with ?? {})) problems += kind.validate.errors.length;
  for (const [key, each] of Object.entries(value)) if (key !== 'with') validateSteps(each);
}

for (const path of process.argv.slice(2)) {
  const playbook = parse(readFileSync(path, 'utf8'));
  if (!files.playbook.validate(playbook)) problems += files.playbook.validate.errors.length;
  validateSteps(playbook);
}
process.stdout.write(`${String(problems)} problems\n`);
