import { serveHttp } from './http-server.ts';

export interface SlackRig {
  /** The address of the webhook, which is its credential. */
  readonly url: string;
  /** What was posted, the oldest first. */
  readonly texts: readonly string[];
  close(): Promise<void>;
}

/** What an incoming webhook of Slack is to a client: takes JSON, says `ok`. `before`: what happens first. */
export async function serveSlack(before: () => Promise<void> | void = () => undefined): Promise<SlackRig> {
  const server = await serveHttp((_request, response) => {
    void Promise.resolve(before()).then(() => response.end('ok'));
  });
  return {
    url: `${server.url}/services/T0/B0/secret`,
    get texts() {
      return server.received.map(({ body }) => (JSON.parse(body) as { readonly text: string }).text);
    },
    close: () => server.close(),
  };
}
