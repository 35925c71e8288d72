import { createServer } from 'node:http';
import { onFreePort } from '../../ground/http.ts';
import { passOn, refuse } from '../../ground/pass-on.ts';
import type { Service } from '../../render/service.ts';
import type { DeployedCopy } from './deployed.ts';

/** The address of a service. It stays when copies come and go. */
export interface ServiceAddress {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Passes requests on to the copy that is live, as Render's proxy does: 503 while there is none and during maintenance, 502
 * where the copy does not answer.
 */
export async function openAddress(service: Service<DeployedCopy>): Promise<ServiceAddress> {
  const server = createServer((incoming, outgoing) => {
    const { running } = service;
    if (service.maintenance.enabled) refuse(outgoing, 503, 'the service is in maintenance mode');
    else if (service.suspended) refuse(outgoing, 503, 'the service is suspended');
    else if (running === undefined) refuse(outgoing, 503, 'no deploy of the service is live');
    else passOn(incoming, outgoing, `http://127.0.0.1:${String(running.port)}`);
  });
  return onFreePort(server);
}
