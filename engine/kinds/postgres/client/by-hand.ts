import type { Value, ValueMap } from '../../../base/value.ts';
import type { Environment } from '../../../model/environment.ts';
import { isHandle } from '../../../model/handle.ts';
import { connectionHandle } from '../../context/connection-handle.ts';
import { inShell } from '../../context/in-shell.ts';
import { findRenderId } from '../../context/target.ts';
import { placeIdentifiers } from './identifiers.ts';
import { parameter } from './values.ts';

/** The connection string of a database, for a shell and between double quotes. */
export function databaseInShell(target: ValueMap, environment: Environment): string {
  const handle = isHandle(target['url']) || findRenderId(target) !== undefined;
  return handle ? inShell(connectionHandle(target, 'external'), environment) : '$DATABASE_URL';
}

/** The same statement as a person would run it: psql, with the connection string by its name. */
export function psql(options: {
  readonly environment: Environment;
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
  return [
    `${settings}psql "${databaseInShell(options.target, options.environment)}" <<'SQL'`,
    ...lines,
    'SQL',
  ].join('\n');
}

function literal(value: Value): string {
  const sent = parameter(value);
  if (sent.value === null) return 'null';
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return String(value);
  const text = Buffer.isBuffer(sent.value) ? `\\x${sent.value.toString('hex')}` : sent.value;
  return `'${text.replaceAll("'", "''")}'`;
}
