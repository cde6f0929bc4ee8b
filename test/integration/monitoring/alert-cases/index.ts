import { BLIND_SPOTS } from './blind-spots.js';
import type { Case } from './case.js';
import { CHANGE, PIPELINE } from './change-and-pipeline.js';
import { DIRECT_CALLS } from './direct-calls.js';
import { MTLS, SPIRE } from './mtls-and-spire.js';
import { OPENFGA } from './openfga.js';
import { POLICY } from './policy.js';

export const CASES: readonly Case[] = [
  ...DIRECT_CALLS,
  ...BLIND_SPOTS,
  ...POLICY,
  ...MTLS,
  ...SPIRE,
  ...OPENFGA,
  ...CHANGE,
  ...PIPELINE,
];
