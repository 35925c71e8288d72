import type { JsonObject } from '../base/json.ts';
import type { Operation } from '../measure/operations.ts';
import { defined, output } from './output.ts';
import { table } from '../base/layout.ts';
import { oneLine } from '../base/text.ts';
import { dateTime, rfc3339 } from '../base/human.ts';

/** The log as text, in the columns of a paper one. */
export function auditText(operations: readonly Operation[], width: number): string {
  const rows = operations.map(({ at, operation, environment, reason, by, backup, status, run }) => [
    dateTime(at).slice(0, 16),
    oneLine(operation),
    environment,
    oneLine(reason ?? '–'),
    oneLine(by),
    oneLine(backup ?? '–'),
    status,
    run,
  ]);
  return table(
    [['DATE (UTC)', 'OPERATION', 'IN', 'REASON', 'PERFORMED BY', 'BACKUP ID', 'STATUS', 'RUN'], ...rows],
    { width, indent: '  ', cut: [3, 5] },
  ).join('\n');
}

/** The log for programs, the oldest first, and what was proven of the store where that was asked. */
export const auditJson = (operations: readonly Operation[], verification?: JsonObject): JsonObject =>
  output('audit', { operations: operations.map(operationJson), verification });

const operationJson = ({ at, reason, backup, ...rest }: Operation): JsonObject =>
  defined({ date: rfc3339(at), ...rest, reason, backup });

const COLUMNS = [
  'date',
  'operation',
  'type',
  'playbook',
  'environment',
  'reason',
  'by',
  'backup',
  'status',
  'run',
] as const;

/** The log as CSV (RFC 4180). */
export function auditCsv(operations: readonly Operation[]): string {
  const rows = operations.map(operationJson).map((row) => COLUMNS.map((name) => cell(row[name])));
  return [COLUMNS.join(','), ...rows.map((row) => row.join(','))].map((line) => `${line}\r\n`).join('');
}

function cell(value: JsonObject[string] | undefined): string {
  const text = typeof value === 'string' ? value : '';
  // A spreadsheet would run what begins so; the apostrophe makes it a text there.
  const tame = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(tame) ? `"${tame.replaceAll('"', '""')}"` : tame;
}
