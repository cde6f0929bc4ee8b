import { describe } from 'vitest';
import { whyNoDataPlane } from '../../../lab/data-plane/node.js';
import { Samples } from '../../../src/cli/demo/packets/samples.js';
import type { Platform } from '../../../src/model/platform.js';
import { authorizerProgram } from '../../support/authorizer.js';
import { startGateProgram } from '../../support/start-gate.js';

export type { Samples } from '../../../src/cli/demo/packets/samples.js';

const problem = whyNoDataPlane();
if (problem !== undefined) process.stderr.write(`SKIPPED, no real packets are seen: ${problem}\n`);

/** Skips where a machine cannot have a data plane at all; one that should and cannot start it fails. */
export const describeOnLinuxAsRoot = describe.skipIf(problem !== undefined);

/** Cold, the agent is built: the other servers are there by now. */
export const startMilliseconds = 900_000;

/** The sample stacks on a lab with a data plane. */
export const startSamples = (network: Partial<Platform['network']> = {}): Promise<Samples> =>
  Samples.start({
    network,
    programs: { authorizer: authorizerProgram, startGate: startGateProgram },
    onProgress: (line) => void process.stderr.write(`lab: ${line}\n`),
  });
