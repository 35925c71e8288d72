import type { JsonObject } from '../base/json.ts';
import type { WorldName, WorldValue } from '../model/world.ts';
import type { Span } from '../source/file.ts';
import { nearest } from '../source/nearest.ts';
import { meant } from './report.ts';
import type { Report } from './report.ts';
import { annotation, closedMembers, memberOf } from './schemas/shape.ts';
import type { PartSchema } from './stepschema.ts';

/** The parts of a world by their names; undefined for one of a kind that there is not. */
export type KnownParts = ReadonlyMap<string, PartSchema | undefined>;

export interface WorldContext {
  readonly parts: KnownParts;
  readonly report: Report;
  /** Whether the part that is read has a disk of its own. */
  readonly hasDisk?: boolean;
}

/** Where a value stands. */
export interface WorldPlace {
  readonly in: 'part' | 'environment';
  /** Undefined where nothing is said of it. */
  readonly schema: JsonObject | undefined;
  /** The kinds of targets of which one stands here as a whole. */
  readonly targets?: readonly string[];
  /** Which section of the environment this is as a whole: `aws`. */
  readonly section?: string;
}

/** What the world itself gives, beside its parts. `token` is what the desk asks for. */
const DESK: JsonObject = {
  type: 'object',
  properties: { url: { type: 'string' }, token: { type: 'string', 'x-secret': true } },
  additionalProperties: false,
};

/** A name, and whether it is all that stands in its place. */
interface Use extends WorldPlace {
  readonly isWhole: boolean;
}

export const isWholePart = (value: WorldValue): boolean =>
  value.type === 'name' && value.name[0] === 'parts' && value.name.length === 2;

/** Reports a name that stands for nothing, and one that cannot stand where it does. */
export function checkWorldName(name: WorldName, at: Span, use: Use, context: WorldContext): void {
  const [root = '', first, ...rest] = name;
  if ((root === 'port' || root === 'disk') && first === undefined) {
    checkOwn(root, at, use, context);
    return;
  }
  if (root === 'desk' && first !== undefined && rest.length === 0) {
    checkMember(DESK, 'the desk', [first], at, use, context);
    return;
  }
  if (root !== 'parts' || first === undefined) {
    const roots = ['parts', 'desk', ...(use.in === 'part' ? ['port', 'disk'] : [])];
    context.report.error('DB209', at, `There is no "${name.join('.')}" in a world`, {
      hint: meant(nearest(root, roots)) ?? `Here may stand ${roots.join(', ')}, and what they have.`,
    });
    return;
  }
  checkPart(first, rest, at, use, context);
}

/** What a part has for itself. */
function checkOwn(own: 'port' | 'disk', at: Span, use: Use, { report, hasDisk }: WorldContext): void {
  if (use.in === 'environment') {
    report.error('DB209', at, `The environment has no ${own} of its own`, {
      hint: `Write the ${own} of a part: \${{ parts.app.${own} }}.`,
    });
  } else if (own === 'disk' && hasDisk !== true) {
    report.error('DB209', at, 'This part has no disk of its own', {
      hint: 'Give it one, beside this in its with: disk: 200MB. A process, a postgres and a redis can have one.',
    });
  }
}

/** Whether there is such a part; reported where there is not. */
export function checkKnown(id: string, at: Span, { parts, report }: WorldContext): boolean {
  if (parts.has(id)) return true;
  const known = [...parts.keys()];
  report.error('DB209', at, `This world has no part "${id}"`, {
    hint: meant(nearest(id, known)) ?? `Its parts are ${known.join(', ')}.`,
  });
  return false;
}

function checkPart(id: string, asked: readonly string[], at: Span, use: Use, context: WorldContext): void {
  const { parts, report } = context;
  if (!checkKnown(id, at, context)) return;
  const kind = parts.get(id);
  if (kind === undefined) return;
  if (asked.length > 0) {
    checkMember(kind.output ?? {}, `the part "${id}"`, asked, at, use, context);
  } else if (!use.isWhole || kind.target === undefined || use.targets?.includes(kind.target) !== true) {
    report.error('DB210', at, `The part "${id}" cannot stand here as a whole`, {
      hint: `Ask it for ${(closedMembers(kind.output ?? {}) ?? []).join(', ')}: \${{ parts.${id}.control }}.`,
    });
  }
}

function checkMember(
  schema: JsonObject,
  whose: string,
  [asked = '', ...rest]: readonly string[],
  at: Span,
  use: Use,
  context: WorldContext,
): void {
  const { report } = context;
  const member = memberOf(schema, asked);
  if (member === undefined) {
    const known = closedMembers(schema) ?? [];
    report.error('DB209', at, `There is no "${asked}" of ${whose}`, {
      hint: meant(nearest(asked, known)) ?? `It has ${known.join(', ')}.`,
    });
    return;
  }
  if (rest.length > 0) {
    checkMember(member, `"${asked}" of ${whose}`, rest, at, use, context);
    return;
  }
  if (annotation(member, 'x-keys-of') !== undefined) {
    report.error('DB210', at, `"${asked}" of ${whose} cannot stand here as a whole`, {
      hint: `Ask for one of ${(closedMembers(member) ?? []).join(', ')}.`,
    });
    return;
  }
  const section = annotation(member, 'x-section');
  if (typeof section === 'string') {
    if (use.isWhole && use.section === section) return;
    report.error(
      'DB210',
      at,
      `"${asked}" of ${whose} is a section of an environment, and cannot stand here`,
      {
        hint: `In the environment of this world it is all of its section: ${section}: \${{ … }}.`,
      },
    );
    return;
  }
  if (use.in === 'part') return;
  const isSecret = annotation(member, 'x-secret') === true;
  const demands = use.schema !== undefined && annotation(use.schema, 'x-secret') === true;
  const accepts = demands || (use.schema !== undefined && annotation(use.schema, 'x-accepts') === 'secret');
  if (isSecret && !(use.isWhole && accepts)) {
    report.error('DB210', at, `"${asked}" of ${whose} is a secret, and would be read here by everybody`, {
      hint: 'An environment names secrets and never holds one: give it a place of its own, below values for one.',
    });
  }
  if (!isSecret && demands) {
    report.error('DB210', at, `Here stands a secret, and "${asked}" of ${whose} is none`, {
      hint: 'Where a database is reached is asked of the part as a whole: ${{ parts.db }}.',
    });
  }
}
