import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, request } from 'node:http';
import { pipeline } from 'node:stream';
import { onFreePort } from '../../ground/http.ts';
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
    else passOn(incoming, outgoing, running.port);
  });
  return onFreePort(server);
}

function passOn(incoming: IncomingMessage, outgoing: ServerResponse, port: number): void {
  const { method, url: path, headers } = incoming;
  // Each over a connection of its own: the copy may be another at the next request.
  const options = { host: '127.0.0.1', port, method, path, headers, agent: false };
  const onward = request(options, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    // Who goes away half-way ends the other side too.
    pipeline(answer, outgoing, () => undefined);
  });
  onward.on('error', () => {
    if (outgoing.headersSent) outgoing.destroy();
    else refuse(outgoing, 502, 'the service does not answer');
  });
  outgoing.once('close', () => onward.destroy());
  incoming.pipe(onward);
}

function refuse(outgoing: ServerResponse, status: number, reason: string): void {
  outgoing.writeHead(status, { 'content-type': 'application/json' });
  outgoing.end(JSON.stringify({ status: 'unavailable', reason }));
}
