import type { Listener, Reply, Request } from '../ground/http.ts';
import { listen } from '../ground/http.ts';
import type { Service } from '../render/service.ts';
import type { ApiCopy } from './application.ts';

/**
 * What is answered at the address of the API service. It stays when deploys come and go, and answers 503
 * when nothing is behind it, as Render's proxy does.
 */
export async function answerFor(service: Service<ApiCopy>, request: Request): Promise<Reply> {
  const instance = service.running;
  if (service.maintenance.enabled) {
    return { status: 503, body: { status: 'maintenance', reason: 'the service is in maintenance mode' } };
  }
  if (instance !== undefined) return await instance.answer(request);
  const reason = service.suspended ? 'the service is suspended' : 'no instance of the service is live';
  return { status: 503, body: { status: 'unavailable', reason } };
}

/** Gives the service an address. */
export async function publish(service: Service<ApiCopy>): Promise<Listener> {
  const listener = await listen((request) => answerFor(service, request));
  service.url = listener.url;
  return listener;
}
