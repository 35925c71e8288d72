import type { JsonObject } from '../../../base/json.ts';
import { asText } from '../../ground/text.ts';
import { HelpDesk } from '../../outside/help-desk.ts';
import type { Support } from '../../outside/support.ts';
import type { Part, PartContext, StartPart } from '../part.ts';

/** The support of a provider, as its users reach it. */
class SupportPart implements Part {
  readonly actions = {};
  readonly #support: Support;
  readonly #desk: HelpDesk;

  private constructor(support: Support, desk: HelpDesk) {
    this.#support = support;
    this.#desk = desk;
  }

  static async start(args: JsonObject, context: PartContext): Promise<SupportPart> {
    const id = asText(args['of']) ?? '';
    const support = context.part(id).support;
    if (support === undefined) throw new Error(`the part ${id} is no provider whose support could be asked`);
    const desk = await HelpDesk.open(support);
    context.onClose(() => desk.close());
    return new SupportPart(support, desk);
  }

  get members(): Part['members'] {
    const { webhook, caseUrl } = this.#desk;
    return { webhook: { value: webhook, secret: true }, caseUrl: { value: caseUrl } };
  }

  state(): JsonObject {
    return { running: true, case: this.#support.news };
  }

  trouble(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
}

/** Starts a part of the kind `support`. */
export const startSupport: StartPart = (args, context) => SupportPart.start(args, context);
