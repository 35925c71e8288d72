import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';

/** What starts commands. */
const SLOWEST = ['test/cli/'];

/** Files of kinds start servers; last comes what only computes. */
const SHARING = ['kinds', 'pure'];

/**
 * Begins with the slow files, so that none of them is what all others have to wait for at the end, and goes on project
 * by project: files share a worker only with the next in this order. On a clean clone nothing is known of how long
 * each took; later, files of one rank stand in the order of that.
 */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId, project }: TestSpecification): number => {
      const place = SLOWEST.findIndex((folder) => moduleId.includes(folder));
      return place === -1 ? SLOWEST.length + 1 + SHARING.indexOf(project.name) : place;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}
