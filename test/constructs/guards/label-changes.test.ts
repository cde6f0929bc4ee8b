import { expect, it } from 'vitest';
import { LabelChanges } from '../../../src/constructs/guards/label-changes.js';
import type { Platform } from '../../../src/model/platform.js';
import { platform, render } from './fixture.js';

const changed = (of: Platform): string =>
  render((scope) => new LabelChanges(scope, 'guard', { platform: of })).policies[0]!.spec.variables!.find(
    ({ name }) => name === 'changed',
  )!.expression;

it('fixes the labels of a workspace and a component, and elsewhere those that are selected there', () => {
  const identity = '["portarium.io/agent","portarium.io/component","portarium.io/role","portarium.io/workspace"]';
  expect(changed(platform)).toContain('"kube-system":["k8s-app"]');
  expect(changed(platform)).toContain('"ingress":["app","tier"]');
  expect(changed(platform)).toContain(`"portarium-execution":${identity}`);
  expect(changed(platform)).toContain(`.orValue(${identity})`);
});

it('fixes both where a peer from outside stands in a namespace of the platform', () => {
  const ingressGateway = { ...platform.ingressGateway, namespace: 'portarium-control-plane' };
  expect(changed({ ...platform, ingressGateway })).toContain(
    '"portarium-control-plane":["app","portarium.io/agent","portarium.io/component","portarium.io/role","portarium.io/workspace","tier"]',
  );
});
