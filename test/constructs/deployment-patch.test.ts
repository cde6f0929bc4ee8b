import { App, Chart } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { expect, test } from 'vitest';
import { DeploymentPatch, type DeploymentPatchProps } from '../../src/constructs/deployment-patch.js';
import { isPatch, type KubeObject } from '../../src/model/kube-object.js';
import { LABELS } from '../../src/model/names.js';

function rendered(more: Partial<DeploymentPatchProps> = {}): KubeObject {
  const chart = new Chart(new App(), 'platform', { labels: { [LABELS.stack]: 'platform' } });
  new DeploymentPatch(chart, 'patch', { name: 'api-server', namespace: 'ns', stack: 'platform', ...more });
  return (chart.toJson() as KubeObject[])[0]!;
}

test('is a Deployment with only what is added, and never the label by which a stack prunes', () => {
  const object = rendered({
    annotations: { 'portarium.io/envoy': 'hash' },
    initContainers: [
      { name: 'envoy', restartPolicy: 'Always', resources: { limits: { memory: k8s.Quantity.fromString('64Mi') } } },
      { name: 'authorizer' },
    ],
    volumes: [{ name: 'spire', csi: { driver: 'csi.spiffe.io', readOnly: true } }],
  });
  expect(object).toEqual({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'api-server', namespace: 'ns', labels: { [LABELS.patchedBy]: 'platform' } },
    spec: {
      template: {
        metadata: { annotations: { 'portarium.io/envoy': 'hash' } },
        spec: {
          initContainers: [
            { name: 'envoy', restartPolicy: 'Always', resources: { limits: { memory: '64Mi' } } },
            { name: 'authorizer' },
          ],
          volumes: [{ name: 'spire', csi: { driver: 'csi.spiffe.io', readOnly: true } }],
        },
      },
    },
  });
  expect(isPatch(object)).toBe(true);
});

test('an object of a stack is no patch', () => {
  const metadata = { name: 'x', labels: { [LABELS.stack]: 'platform' } };
  expect(isPatch({ metadata })).toBe(false);
  expect(isPatch({ metadata: { name: 'x' } })).toBe(false);
});
