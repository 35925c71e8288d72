import type { JsonObject } from '../../base/json.ts';

/** `summary.json` of a status page on which nothing is wrong, in the form of Atlassian Statuspage. */
export function statusSummary(url: string, now: Date): JsonObject {
  const at = now.toISOString();
  const component = (name: string, position: number): JsonObject => ({
    id: name.toLowerCase().replaceAll(' ', '-'),
    name,
    status: 'operational',
    description: null,
    position,
    group: false,
    group_id: null,
    page_id: 'sandbox',
    only_show_if_degraded: false,
    showcase: false,
    start_date: null,
    created_at: at,
    updated_at: at,
  });
  return {
    page: { id: 'sandbox', name: 'Render (sandbox)', url, time_zone: 'Etc/UTC', updated_at: at },
    status: { indicator: 'none', description: 'All Systems Operational' },
    components: ['Web Services', 'Background Workers', 'PostgreSQL', 'Render API'].map(component),
    incidents: [],
    scheduled_maintenances: [],
  };
}
