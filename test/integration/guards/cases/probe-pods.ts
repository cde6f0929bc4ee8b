import type { KubeObject } from '../../../../src/model/kube-object.js';
import { PROBE, PROBE_COMMAND, PROBE_VARIABLE } from '../../../../src/model/names.js';
import { agentLabels, agentPod, platform, UNPRIVILEGED } from '../fixture.js';
import { create, type Case } from './case.js';

/** The probe's pod as `enforce verify` makes it, with changes: no sidecar, one container, the platform's program. */
const probe = (container: object = {}, spec: object = {}): KubeObject =>
  agentPod({
    labels: agentLabels('g-acme', PROBE),
    account: PROBE,
    sidecars: () => ({ initContainers: [], volumes: [] }),
    container: {
      image: platform.sidecar.authorizerImage,
      command: [...PROBE_COMMAND],
      env: [{ name: PROBE_VARIABLE, value: '{}' }],
      ...container,
    },
    spec: { ...spec },
  });

const main = (probe()['spec'] as { readonly containers: readonly object[] }).containers[0]!;
const other = { name: 'other', image: 'registry.example.com/other:1', ...UNPRIVILEGED };

const refused = (refusal: number, what: string, body: KubeObject): Case => ({
  guard: 'probe-pods',
  refusal,
  what,
  refused: create(body),
  permitted: create(probe()),
});

export const probePodCases: readonly Case[] = [
  refused(0, 'a probe with a second container', probe({}, { containers: [main, other] })),
  refused(1, 'a probe of another image', probe({ image: 'registry.example.com/other:1' })),
  refused(1, 'a probe with another command', probe({ command: ['node', '-e', '1'] })),
  refused(1, 'a probe with arguments', probe({ args: ['x'] })),
  refused(1, 'a probe that loads something else', probe({ env: [{ name: 'NODE_OPTIONS', value: '--require=/x.js' }] })),
  refused(
    1,
    'a probe that runs something at its end',
    probe({ lifecycle: { preStop: { exec: { command: ['sh'] } } } }),
  ),
];
