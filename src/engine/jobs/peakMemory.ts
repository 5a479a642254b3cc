import type { Job } from './Job';

/** Peak resident memory of this process so far, in bytes. */
export const peakMemory: Job<'peakMemory'> = () => process.resourceUsage().maxRSS * 1024;
