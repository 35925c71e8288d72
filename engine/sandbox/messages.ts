import type { JsonObject } from '../base/json.ts';

/** What a world tells its starter while it starts; `ready` and `failed` are the last. */
export type Message =
  | { readonly type: 'progress'; readonly line: string }
  | { readonly type: 'ready'; readonly address: JsonObject }
  | { readonly type: 'failed'; readonly message: string };
