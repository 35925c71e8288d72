import type { JsonObject } from '../../base/json.ts';
import type { OutageNews } from './outage.ts';

/** `summary.json` of a status page in the form of Atlassian Statuspage. Without an outage nothing is wrong. */
export function statusSummary(url: string, now: Date, outage: OutageNews | undefined): JsonObject {
  const at = now.toISOString();
  const component = (name: string, position: number): JsonObject => ({
    id: name.toLowerCase().replaceAll(' ', '-'),
    name,
    status: outage === undefined || name === 'Render API' ? 'operational' : 'major_outage',
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
    status:
      outage === undefined
        ? { indicator: 'none', description: 'All Systems Operational' }
        : { indicator: 'critical', description: 'Major System Outage' },
    components: ['Web Services', 'Background Workers', 'PostgreSQL', 'Render API'].map(component),
    incidents: outage === undefined ? [] : [incident(outage, url)],
    scheduled_maintenances: [],
  };
}

function incident({ id, since, region }: OutageNews, url: string): JsonObject {
  const at = since.toISOString();
  return {
    id,
    name: `Services and databases are unavailable${region === undefined ? '' : ` in ${region}`}`,
    status: 'investigating',
    impact: 'critical',
    shortlink: `${url}/incidents/${id}`,
    created_at: at,
    updated_at: at,
    started_at: at,
    resolved_at: null,
    incident_updates: [],
    components: [],
  };
}
