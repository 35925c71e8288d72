import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

/** Whole worlds, then commands and servers, and last what only computes. */
const SLOWEST = ['test/sandbox/', 'test/cli/', 'test/kinds/'];

/**
 * Begins with the slow files, so that none of them is what all others have to wait for at the end. On a clean clone
 * nothing is known of how long each took; later, files of one folder stand in the order of that.
 */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const place = SLOWEST.findIndex((folder) => moduleId.includes(folder));
      return place === -1 ? SLOWEST.length : place;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}
