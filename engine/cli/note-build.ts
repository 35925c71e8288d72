import { noteBuild } from './build-note.ts';
import { PACKAGE_ROOT } from './package-info.ts';

// The last step of the build.

noteBuild(PACKAGE_ROOT);
