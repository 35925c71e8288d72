import type { Value, ValueMap } from '../../../base/value.ts';
import { isValueMap } from '../../../base/value.ts';
import { placeIdentifiers } from './identifiers.ts';
import { parameter } from './values.ts';

/** The same statement as a person would run it: psql, with the connection string as a variable. */
export function psql(options: {
  readonly target: ValueMap;
  readonly text: string;
  readonly params: readonly Value[];
  readonly identifiers: ValueMap;
  readonly readOnly: boolean;
}): string {
  const statement = placeIdentifiers(options.text, options.identifiers).trim().replace(/;$/, '');
  const lines =
    options.params.length === 0
      ? [`${statement};`]
      : [`prepare step as ${statement};`, `execute step(${options.params.map(literal).join(', ')});`];
  const settings = options.readOnly ? "PGOPTIONS='-c default_transaction_read_only=on' " : '';
  return [`${settings}psql "${variableOf(options.target)}" <<'SQL'`, ...lines, 'SQL'].join('\n');
}

function variableOf(target: ValueMap): string {
  const url = target['url'];
  return isValueMap(url) && typeof url['name'] === 'string' ? `$${url['name']}` : '$DATABASE_URL';
}

function literal(value: Value): string {
  const sent = parameter(value);
  if (sent.value === null) return 'null';
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return String(value);
  const text = Buffer.isBuffer(sent.value) ? `\\x${sent.value.toString('hex')}` : sent.value;
  return `'${text.replaceAll("'", "''")}'`;
}
