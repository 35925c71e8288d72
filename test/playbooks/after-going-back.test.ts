import { describe, expect, test } from 'vitest';
import { DRILL_MS, derived, rehearse } from '../rig/rehearsal.ts';

/** What happens after the accident and before the database goes back: a video is erased, a person taken out of a row, a migration applied. */
const MEANWHILE = `
  - id: erasure
    title: A video is erased, as somebody has asked for
    uses: sql.execute
    with:
      database: \${{ env.databases.main }}
      statement: >-
        with gone as (delete from videos where id = 1 returning id)
        insert into erasures select id, clock_timestamp() from gone
    effect: write
    touches: \${{ env.databases.main }}
  - id: anonymised
    title: What is known of a person is taken out of the row
    uses: sql.execute
    with:
      database: \${{ env.databases.main }}
      statement: >-
        with gone as (update users set email = 'erased-7@peakops.test', phone = null where id = 7 returning id)
        insert into anonymised select id, clock_timestamp() from gone
    effect: write
    touches: \${{ env.databases.main }}
  - id: migration
    title: A migration is applied
    uses: sql.execute
    with:
      database: \${{ env.databases.main }}
      statement: insert into django_migrations (app, name, applied) values ('inspections', '0003_drops_a_table', clock_timestamp())
    effect: write
    touches: \${{ env.databases.main }}
`;

/** What was erased, where the recovery has ended. */
const AFTERWARDS = `
  - id: lastLook
    title: Is it there again?
    uses: sql.query
    with: { database: "\${{ env.databases.main }}", query: "select (select count(*)::int from videos where id = 1) as back, email, phone from users where id = 7" }
`;

describe('after going back', () => {
  test('what was erased is erased again, and what else does not go back is named', { timeout: DRILL_MS }, async () => {
    const { id, args } = derived('point-in-time-recovery', MEANWHILE, { always: AFTERWARDS });
    const { exitCode, outcomes, outputs, recorded, left } = await rehearse(id, { args });
    expect(exitCode).toBe(0);
    expect(outputs['lookBack/erasures[videos.erasures]/erasures']).toMatchObject({ rows: [{ id: '1' }] });
    expect(outputs['afterGoingBack/erase[videos.erasures]/erase']).toEqual({ rowCount: 1 });
    expect(outputs['always/lastLook']).toMatchObject({
      rows: [{ back: 0, email: 'erased-7@peakops.test', phone: null }],
    });
    expect(outcomes).toMatchObject({
      'afterGoingBack/anonymise[users.anonymised]/columns[email]/replace': 'succeeded',
      'afterGoingBack/anonymise[users.anonymised]/columns[phone]/clear': 'succeeded',
    });
    expect(recorded).toMatchObject({
      newestMigration: 'inspections.0002_videos',
      migrationsAhead: ['inspections.0003_drops_a_table'],
    });
    // Uploads went on until the API was stopped: they lie in the bucket, and no row knows them any more.
    expect(recorded['filesWithoutRow']).toBeGreaterThan(0);
    expect(outcomes).toMatchObject({
      'afterGoingBack/eraseByHand': 'skipped',
      'afterGoingBack/others': 'succeeded',
    });
    expect(left).toEqual([]);
  });

  test('where the old database could not be asked, people are', { timeout: DRILL_MS }, async () => {
    const { exitCode, outcomes, left } = await rehearse('after-going-back');
    expect(exitCode).toBe(0);
    expect(outcomes).toMatchObject({ applied: 'succeeded', eraseByHand: 'succeeded' });
    expect(left).toEqual([]);
  });

  test('look-back changes nothing', { timeout: DRILL_MS }, async () => {
    const { exitCode, outputs, left } = await rehearse('look-back');
    expect(exitCode).toBe(0);
    expect(outputs['migrations']).toMatchObject({ count: 2 });
    expect(outputs['erasures[videos.erasures]/erasures']).toMatchObject({ count: 0 });
    expect(left).toEqual([]);
  });
});
