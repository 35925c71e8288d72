/** Where everything is that does not say otherwise. */
export const REGION = 'oregon';
