// A process of its own for listing.js: restores a bucket that is as it should be, and tells its peak of memory.
import { tmpdir } from 'node:os';
import { runS3Step } from './s3-step.js';

Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'listing', AWS_SECRET_ACCESS_KEY: 'listing' });
const args = { bucket: { name: 'listed' }, prefix: '', at: '2025-11-02T00:00:00Z' };
const output = await runS3Step('s3.restore-version', args, { endpoint: process.argv[2], folder: tmpdir() });
process.send({ peakBytes: process.resourceUsage().maxRSS * 1024, output });
process.disconnect();
