import { describe, expect, it } from 'vitest';
import type { Operation } from '../../engine/measure/operations.ts';
import { auditCsv, auditText } from '../../engine/report/audit-log.ts';

const BACKUP: Operation = {
  at: Date.UTC(2025, 10, 1, 14, 30) * 1000,
  type: 'backup',
  operation: 'Backup: Manual backup',
  run: '20251101-1430-abcd',
  playbook: 'manual-backup',
  environment: 'production',
  reason: 'Pre-migration backup',
  by: 'ada',
  backup: 'backup_20251101_143000',
  status: 'success',
};

describe('the audit log', () => {
  it('has the columns of a paper one', () => {
    expect(
      auditText([BACKUP], 200)
        .split('\n')
        .map((line) => line.trim().split(/ {2,}/)),
    ).toEqual([
      ['DATE (UTC)', 'OPERATION', 'IN', 'REASON', 'PERFORMED BY', 'BACKUP ID', 'STATUS', 'RUN'],
      [
        '2025-11-01 14:30',
        'Backup: Manual backup',
        'production',
        'Pre-migration backup',
        'ada',
        'backup_20251101_143000',
        'success',
        '20251101-1430-abcd',
      ],
    ]);
  });

  it('is a table for spreadsheets, in which a text is never run', () => {
    const reason = '=HYPERLINK("http://x","a,b")\nsecond line';
    expect(auditCsv([{ ...BACKUP, reason }])).toBe(
      'date,operation,type,playbook,environment,reason,by,backup,status,run\r\n' +
        '2025-11-01T14:30:00.000Z,Backup: Manual backup,backup,manual-backup,production,' +
        '"\'=HYPERLINK(""http://x"",""a,b"")\nsecond line",ada,backup_20251101_143000,success,20251101-1430-abcd\r\n',
    );
  });
});
