import type { Json, JsonObject } from '../base/json.ts';
import type { WorldName, WorldValue } from '../model/world.ts';

/** What a name stands for where a text is put together, and where it is the whole value. */
export interface Meaning {
  readonly asText: (name: WorldName) => string;
  readonly whole: (name: WorldName) => Json;
}

/** A value of a world with what its names stand for. */
export function fillIn(value: WorldValue, meaning: Meaning): Json {
  switch (value.type) {
    case 'literal':
      return value.value;
    case 'name':
      return meaning.whole(value.name);
    case 'text':
      return value.pieces
        .map((piece) => (typeof piece === 'string' ? piece : meaning.asText(piece)))
        .join('');
    case 'list':
      return value.items.map((item) => fillIn(item, meaning));
    case 'map':
      return fillInMembers(value.members, meaning);
  }
}

const fillInMembers = (members: Readonly<Record<string, WorldValue>>, meaning: Meaning): JsonObject =>
  Object.fromEntries(Object.entries(members).map(([key, member]) => [key, fillIn(member, meaning)]));
