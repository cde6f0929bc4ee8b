import { expect, it } from 'vitest';
import { readinessOf, type ReadinessOptions } from '../../src/authorizer/readiness.js';

const state = (changes: Partial<ReadinessOptions> = {}) =>
  readinessOf({
    policies: { complete: true },
    agentsListen: () => Promise.resolve(true),
    graceSeconds: 30,
    uptime: () => 1.5,
    stopping: () => false,
    ...changes,
  });
const closed = { agentsListen: () => Promise.resolve(false) };

it.each<[string, Partial<ReadinessOptions>, boolean, string]>([
  ['all there', {}, true, 'Policies are there and the agents’ listener is open.'],
  ['stopping', { stopping: () => true }, false, 'It is stopping.'],
  [
    'no policies, even after the grace',
    { policies: { complete: false }, uptime: () => 99 },
    false,
    'The policies have not arrived from the API server yet.',
  ],
  ['no SVID yet', closed, false, 'The agents’ listener is closed, for want of an SVID; 29 s of grace left.'],
  [
    'no SVID after the grace',
    { ...closed, uptime: () => 30 },
    true,
    'Policies are there; without an SVID only bearer and people are served.',
  ],
])('%s', async (_what, changes, ready, because) => {
  expect(await state(changes)).toEqual({ ready, because });
});
