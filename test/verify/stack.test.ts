import { expect, test } from 'vitest';
import type { KubeObject } from '../../src/model/kube-object.js';
import { ofObject } from '../../src/verify/stack.js';

const policy = (spec: object): KubeObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'deny', namespace: 'agents', labels: { 'portarium.io/stack': 'ws' } },
  spec: { policyTypes: ['Egress'], ...spec },
});
const rule = { to: [{ podSelector: {} }], ports: [{ port: 443, protocol: 'TCP' }] };
const labels = { 'portarium.io/role': 'agent' };

/** The table of research G, section 0: what `pulumi preview` and `up --refresh` say is unchanged. */
test.each([
  [
    '`egress: []` declared, live allows everything',
    { podSelector: {}, egress: [] },
    { podSelector: {}, egress: [{}] },
    'spec.egress',
  ],
  [
    'no `egress` declared, live allows everything',
    { podSelector: {} },
    { podSelector: {}, egress: [{}] },
    'spec.egress',
  ],
  [
    'one rule declared, one appended',
    { podSelector: {}, egress: [rule] },
    { podSelector: {}, egress: [rule, {}] },
    'spec.egress[1]',
  ],
  [
    'everything selected, live selects nothing',
    { podSelector: {} },
    { podSelector: { matchLabels: { no: 'pod' } } },
    'spec.podSelector.matchLabels',
  ],
  [
    'one more label',
    { podSelector: { matchLabels: labels } },
    { podSelector: { matchLabels: { ...labels, more: 'x' } } },
    'spec.podSelector.matchLabels.more',
  ],
])('%s', (_, rendered, live, field) => {
  expect(ofObject('ws', policy(rendered), policy(live)).map((finding) => finding.field)).toEqual([field]);
  expect(ofObject('ws', policy(rendered), policy(rendered))).toEqual([]);
});

test('an object that is gone, or is another’s by now', () => {
  const rendered = policy({ podSelector: {} });
  expect(ofObject('ws', rendered, undefined)).toEqual([
    { object: 'NetworkPolicy.networking.k8s.io agents/deny', problem: 'is missing' },
  ]);
  const taken = { ...rendered, metadata: { ...rendered.metadata, labels: { 'portarium.io/stack': 'other' } } };
  expect(ofObject('ws', rendered, taken)).toEqual([
    expect.objectContaining({ field: 'metadata.labels["portarium.io/stack"]', expected: 'ws', found: 'other' }),
  ]);
});
