import { expect, test } from 'vitest';
import { optionsOf, providerAnnotations } from '../../src/bridge/pulumi-options.js';
import type { KubeObject } from '../../src/model/kube-object.js';

const object = (apiVersion: string, kind: string): KubeObject => ({ apiVersion, kind, metadata: { name: 'x' } });
const webhook = object('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration');
const server = object('apps/v1', 'StatefulSet');

test('a webhook’s caBundle is its owner’s: no update takes it away or stumbles over it', () => {
  expect(optionsOf(webhook).ignoreChanges).toEqual(['webhooks[*].clientConfig.caBundle']);
  expect(optionsOf(server)).not.toHaveProperty('ignoreChanges');
});

test('of what runs pods, a StatefulSet alone is waited for, in under five minutes', () => {
  expect(providerAnnotations(server)).not.toHaveProperty('pulumi.com/skipAwait');
  expect(optionsOf(server).customTimeouts).toEqual({ create: '4m', update: '4m', delete: '2m' });
  for (const kind of ['Deployment', 'DaemonSet']) {
    expect(providerAnnotations(object('apps/v1', kind))).toHaveProperty('pulumi.com/skipAwait', 'true');
  }
});
