import type { Json, JsonObject } from '../../../base/json.ts';
import { canonicalJson, isJsonObject } from '../../../base/json.ts';
import type { StepContext } from '../../../model/kind.ts';
import type { OpenUploads } from './copy.ts';
import type { Mark } from './sweep.ts';

/** What a sweep keeps for a later life of its step: a few lines in the journal, however many objects. */
export class UploadLedger implements OpenUploads {
  /** Where the earlier life came to; the beginning when there was none. */
  readonly start: Mark;
  /** What the first life noted; a later one goes by it. */
  readonly facts: JsonObject;
  readonly #order: JsonObject;
  readonly #context: Pick<StepContext, 'saveCheckpoint'>;
  readonly #uploads: Map<string, string>;
  #mark: Mark;

  /** `order`: what was asked for. A retry with other values is another sweep and begins anew. */
  constructor(
    context: Pick<StepContext, 'checkpoint' | 'saveCheckpoint'>,
    order: JsonObject,
    facts: JsonObject = {},
  ) {
    this.#context = context;
    this.#order = order;
    const saved = sameOrder(context.checkpoint, order) ? context.checkpoint : {};
    this.start = readMark(saved);
    this.#mark = this.start;
    this.facts = isJsonObject(saved['facts']) ? saved['facts'] : facts;
    const uploads = isJsonObject(saved['uploads']) ? saved['uploads'] : {};
    this.#uploads = new Map(
      Object.entries(uploads).flatMap(([key, id]) => (typeof id === 'string' ? [[key, id] as const] : [])),
    );
  }

  save(mark: Mark): Promise<void> {
    this.#mark = mark;
    return this.#write();
  }

  find(key: string): string | undefined {
    return this.#uploads.get(key);
  }

  begun(key: string, uploadId: string): Promise<void> {
    this.#uploads.set(key, uploadId);
    return this.#write();
  }

  ended(key: string): void {
    this.#uploads.delete(key);
  }

  #write(): Promise<void> {
    const { after, tally } = this.#mark;
    return this.#context.saveCheckpoint({
      order: this.#order,
      facts: this.facts,
      after: after ?? null,
      tally: { ...tally },
      uploads: Object.fromEntries(this.#uploads),
    });
  }
}

function sameOrder(checkpoint: Json | undefined, order: JsonObject): checkpoint is JsonObject {
  return isJsonObject(checkpoint) && canonicalJson(checkpoint['order'] ?? null) === canonicalJson(order);
}

function readMark(saved: JsonObject): Mark {
  const { after, tally } = saved;
  const counted = Object.entries(isJsonObject(tally) ? tally : {}).map(
    ([name, count]) => [name, Number(count)] as const,
  );
  return { after: typeof after === 'string' ? after : undefined, tally: Object.fromEntries(counted) };
}
