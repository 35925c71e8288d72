import { drillEach, some } from '../../rig/every-rehearsal.ts';
import { shippedRehearsals } from '../../rig/shipped.ts';

// The tests of each playbook drill it too, on this application, and say what it has to do beyond that.
drillEach('peakops', shippedRehearsals('.', 'procedures', 'checklists'), some(3));
