/** Under `npm start` and `npx` the bare name is not on the path: what is printed must work when it is pasted. */
const NAME = process.env['npm_lifecycle_event'] === undefined ? 'drillbook' : 'npx drillbook';

/** A command line of drillbook as whoever reads it would have to type it. */
export const invocation = (rest: string): string => `${NAME} ${rest}`;
