import { inject } from 'vitest';
import type { ProvidedLab } from './global-setup.js';

/** The lab of this worker. Two files at a time never share one; a file finds in it what the one before left. */
export function workerLab(): ProvidedLab {
  const labs = inject('labs');
  const lab = labs[Number(process.env['VITEST_POOL_ID']) - 1];
  if (lab === undefined)
    throw new Error(`there are ${labs.length} labs, and none for ${process.env['VITEST_POOL_ID']}`);
  return lab;
}
