/** `DRILLS=drawn`, the short form of `.ci/run`: `DRILLBOOK_SEED` draws, so that another commit has others. */
export const IS_DRAWN = process.env['DRILLS'] === 'drawn';
