import fc from 'fast-check';
import { SEED } from './seed.ts';

fc.configureGlobal({ seed: SEED });

/** fast-check, whose examples follow from the seed of the suite. */
export default fc;
