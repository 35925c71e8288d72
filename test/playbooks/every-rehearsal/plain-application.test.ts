import { drillEach, ofHalfThePlaybooks } from '../../rig/every-rehearsal.ts';
import { shippedRehearsals } from '../../rig/shipped.ts';

drillEach('peakops-plain', shippedRehearsals('.'), ofHalfThePlaybooks);
