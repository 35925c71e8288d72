import { randomBytes } from 'node:crypto';
import type { JsonObject } from '../../../base/json.ts';
import type { Listener, Reply, Request } from '../../ground/http.ts';
import { listen } from '../../ground/http.ts';
import { asText } from '../../ground/text.ts';
import type { Support } from '../../outside/support.ts';
import type { Part, PartContext, StartPart } from '../part.ts';

const CASE = '/case';

/** The support of a provider, as its users reach it: asked by a webhook in the form of Slack's, and answering in a case. */
class SupportPart implements Part {
  readonly actions = {};
  readonly #support: Support;
  /** The address is the credential. */
  readonly #hook = `/hooks/${randomBytes(18).toString('base64url')}`;
  #listener: Listener | undefined;

  private constructor(support: Support) {
    this.#support = support;
  }

  static async start(args: JsonObject, context: PartContext): Promise<SupportPart> {
    const id = asText(args['of']) ?? '';
    const support = context.part(id).support;
    if (support === undefined) throw new Error(`the part ${id} is no provider whose support could be asked`);
    const part = new SupportPart(support);
    const listener = await listen((request) => Promise.resolve(part.#answer(request)));
    context.onClose(() => listener.close());
    context.onClose(() => {
      support.forget();
      return Promise.resolve();
    });
    part.#listener = listener;
    return part;
  }

  get members(): Part['members'] {
    const url = this.#listener?.url ?? '';
    return { webhook: { value: `${url}${this.#hook}`, secret: true }, caseUrl: { value: `${url}${CASE}` } };
  }

  state(): JsonObject {
    return { running: true, case: this.#support.news };
  }

  trouble(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  #answer({ method, path }: Request): Reply {
    if (method === 'GET' && path === CASE) return { status: 200, body: this.#support.news };
    if (method !== 'POST' || path !== this.#hook) return { status: 404, body: { message: 'not found' } };
    this.#support.ask();
    return { status: 200, body: 'ok' };
  }
}

/** Starts a part of the kind `support`. */
export const startSupport: StartPart = (args, context) => SupportPart.start(args, context);
