import type { DatabaseSettings } from '../render/database-settings.ts';
import { keptSettings } from '../render/database-settings.ts';

/** Those of the instances that a world begins with. */
export const databaseSettings = (name: string): DatabaseSettings =>
  keptSettings({
    ...{ name, databaseName: 'peakops', role: 'peakops_user' },
    ...{ diskSizeGB: 10, diskAutoscaling: true, parameters: { log_min_duration_statement: '500' } },
  });
