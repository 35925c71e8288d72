import type { IncomingMessage, ServerResponse } from 'node:http';
import { request } from 'node:http';
import { pipeline } from 'node:stream';

/** Passes a request on to who answers at `url`, and the answer back: 502 where nobody does. */
export function passOn(incoming: IncomingMessage, outgoing: ServerResponse, url: string): void {
  const { method, headers } = incoming;
  const { hostname, port } = new URL(url);
  // Each over a connection of its own: who answers may be another at the next request.
  const options = { host: hostname, port, method, path: incoming.url, headers, agent: false };
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

/** Answers in the place of a service that cannot be used. */
export function refuse(outgoing: ServerResponse, status: number, reason: string): void {
  outgoing.writeHead(status, { 'content-type': 'application/json' });
  outgoing.end(JSON.stringify({ status: 'unavailable', reason }));
}
