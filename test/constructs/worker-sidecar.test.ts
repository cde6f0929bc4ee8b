import { expect, it } from 'vitest';
import { outboundConfig } from '../../src/constructs/envoy/outbound-config.js';
import { sidecarsFor } from '../../src/constructs/sidecars.js';
import { WorkerSidecar } from '../../src/constructs/worker-sidecar.js';
import { sha256 } from '../../src/model/canonical.js';
import { PLATFORM } from '../model/examples.js';
import { patched } from './patched.js';

const EXECUTION = 'portarium-execution';
const { objects, patch, files } = patched((scope) => new WorkerSidecar(scope, 'worker', PLATFORM));
const config = outboundConfig(PLATFORM, 'spiffe://portarium.io/ns/portarium-execution/sa/worker');

it('patches an outbound Envoy with the workers’ own SVID into their Deployment', () => {
  expect(patch.metadata).toEqual({
    name: 'worker',
    namespace: EXECUTION,
    labels: { 'portarium.io/patched-by': 'platform' },
  });
  expect(patch.spec).toEqual({
    template: {
      metadata: { annotations: { 'portarium.io/envoy': sha256(config) } },
      spec: sidecarsFor(PLATFORM, EXECUTION, { 'portarium.io/component': 'worker' }),
    },
  });
  expect(objects).toHaveLength(2);
});

it('has the files of that Envoy', () => {
  const { metadata, data } = files.get('worker-envoy')!;
  expect(metadata.namespace).toBe(EXECUTION);
  expect(Object.keys(data)).toEqual(['envoy.json']);
  expect(JSON.parse(data['envoy.json']!)).toEqual(config['/etc/envoy/envoy.json']);
});
