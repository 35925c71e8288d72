/** `TORTURE=drawn`, the form in `.ci/run`: a share of what takes longest, which another commit draws anew. */
export const IS_DRAWN = process.env['TORTURE'] === 'drawn';
