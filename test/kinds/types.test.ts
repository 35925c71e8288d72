import { describe, expectTypeOf, it } from 'vitest';
import type { Duration } from '../../engine/base/duration.ts';
import type { Instant } from '../../engine/base/instant.ts';
import type { Value, ValueMap } from '../../engine/base/value.ts';
import type { Output, With } from '../../engine/kinds/types.ts';
import type { Target } from '../../engine/model/environment.ts';
import type { StepKind } from '../../engine/model/kind.ts';

type Size = StepKind<With['postgres.size'], Output['postgres.size']>;

const WHOLE = { bytes: 1, size: '1 byte', tables: [], complete: true };

// What is expected not to compile and does is an error of `npm run check`.
describe('the types of a kind, made of its schema', () => {
  it('are its members as a kind has them in hand', () => {
    expectTypeOf<With['render.recover-postgres']['at']>().toEqualTypeOf<Instant>();
    expectTypeOf<With['http.request']['timeout']>().toEqualTypeOf<Duration | undefined>();
    expectTypeOf<With['postgres.size']['database']>().toEqualTypeOf<Target>();
    expectTypeOf<With['postgres.size']['largest']>().toEqualTypeOf<number | undefined>();
    expectTypeOf<With['http.request']['body']>().toEqualTypeOf<string | ValueMap | undefined>();
    expectTypeOf<With['sql.query']['params']>().toEqualTypeOf<readonly Value[] | undefined>();
    expectTypeOf<Output['s3.list']['newest']>().toEqualTypeOf<Instant | null>();
    expectTypeOf<Output['s3.list']['objects']>().items.toHaveProperty('modified');
  });

  it('refuse a key that the schema lacks', () => {
    // @ts-expect-error: it is called `largest`.
    const describe: Size['describe'] = ({ lorgest }) => String(lorgest);
    expectTypeOf(describe).toBeFunction();
  });

  it('refuse an output that lacks a member, or has one of another type', () => {
    const run: Size['run'] = () => Promise.resolve(WHOLE);
    expectTypeOf(run).toBeFunction();
    // @ts-expect-error: the size is missing.
    const lacking: Size['run'] = () => Promise.resolve({ bytes: 1, tables: [] });
    expectTypeOf(lacking).toBeFunction();
    // @ts-expect-error: bytes are a number.
    const mistyped: Size['run'] = () => Promise.resolve({ ...WHOLE, bytes: '1' });
    expectTypeOf(mistyped).toBeFunction();
  });

  it('are maps of values to whoever only knows the name of the kind', () => {
    expectTypeOf<With[keyof With]>().toExtend<ValueMap>();
    expectTypeOf<Output[keyof Output]>().toExtend<ValueMap>();
    expectTypeOf<Size>().toExtend<StepKind>();
  });
});
