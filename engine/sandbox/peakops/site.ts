import type { Listener } from '../http.ts';
import { listen } from '../http.ts';
import type { Service } from '../render/service.ts';
import type { ApiInstance } from './api.ts';

/**
 * The public address of the API service. It stays when deploys come and go, and answers 503
 * when nothing is behind it, as Render's proxy does.
 */
export async function openSite(service: Service<ApiInstance>): Promise<Listener> {
  return await listen(async (request) => {
    const instance = service.running;
    if (service.maintenance.enabled) {
      return { status: 503, body: { status: 'maintenance', reason: 'the service is in maintenance mode' } };
    }
    if (instance !== undefined) return await instance.answer(request);
    const reason = service.suspended ? 'the service is suspended' : 'no instance of the service is live';
    return { status: 503, body: { status: 'unavailable', reason } };
  });
}
