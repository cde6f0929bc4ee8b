import { describe, expect, it } from 'vitest';
import { reach, readCluster, UnreadableObjectError } from '../../src/prove/index.js';
import type { KubeObject } from '../../src/prove/index.js';
import { egress, ingress, object, pod, policy } from './objects.js';

describe('an object that cannot be read exactly stops the evaluation, and the error says where', () => {
  const rule = (to: object): object => egress({ to: [to] });
  const port = (found: object): object => egress({ ports: [found] });
  it.each<[object, string]>([
    [
      rule({ ipBlock: { cidr: '10.0.0.0/33' } }),
      'spec.egress[0].to[0].ipBlock.cidr: "10.0.0.0/33" is not a CIDR; expected an IPv4 range such as 10.0.0.0/8 or an IPv6 range such as fd00::/8',
    ],
    [rule({ ipBlock: {} }), 'spec.egress[0].to[0].ipBlock.cidr: expected text, found undefined'],
    [
      rule({ ipBlock: { cidr: '10.0.0.0/8' }, podSelector: {} }),
      'spec.egress[0].to[0].ipBlock: stands alone; a selector needs a peer of its own',
    ],
    [rule({}), 'spec.egress[0].to[0]: expected podSelector, namespaceSelector or ipBlock'],
    [
      rule({ ipblock: {} }),
      'spec.egress[0].to[0]: unknown field "ipblock"; expected podSelector, namespaceSelector, ipBlock',
    ],
    [
      rule({ podSelector: { matchExpressions: [{ key: 'a', operator: 'in', values: ['b'] }] } }),
      'spec.egress[0].to[0].podSelector.matchExpressions[0].operator: expected one of In, NotIn, Exists, DoesNotExist, found "in"',
    ],
    [
      rule({ podSelector: { matchExpressions: [{ key: 'a', operator: 'In' }] } }),
      'spec.egress[0].to[0].podSelector.matchExpressions[0].values: operator In needs at least one value',
    ],
    [
      rule({ podSelector: { matchExpressions: [{ key: 'a', operator: 'Exists', values: ['b'] }] } }),
      'spec.egress[0].to[0].podSelector.matchExpressions[0].values: operator Exists needs no values',
    ],
    [port({ port: 0 }), 'spec.egress[0].ports[0].port: expected a port from 1 to 65535, found 0'],
    [port({ port: '443' }), 'spec.egress[0].ports[0].port: "443" is not a port name; a port number must not be quoted'],
    [port({ protocol: 'tcp' }), 'spec.egress[0].ports[0].protocol: expected one of TCP, UDP, SCTP, found "tcp"'],
    [ingress({ form: [] }), 'spec.ingress[0]: unknown field "form"; expected from, ports'],
    [{ policyTypes: ['egress'] }, 'spec.policyTypes[0]: expected one of Ingress, Egress, found "egress"'],
    [{ egress: {} }, 'spec.egress: expected a list'],
    [{ egress: [null] }, 'spec.egress[0]: expected a rule, found nothing; {} is the rule that allows everything'],
    [{ podSelector: [] }, 'spec.podSelector: expected an object'],
  ])('%j', (spec, message) => {
    expect(() => readCluster([policy('p', spec)])).toThrow(`NetworkPolicy a/p: ${message}`);
  });

  it('for pods too', () => {
    expect(() => readCluster([pod('p', { ips: ['10.0.0'] })])).toThrow(
      new UnreadableObjectError('Pod a/p', 'status.podIPs[0].ip', '"10.0.0" is not an IPv4 or IPv6 address'),
    );
  });

  it('and for an object that does not say what it is', () => {
    const item = { metadata: { name: 'deny' } } as unknown as KubeObject;
    expect(() => readCluster([pod('p'), item])).toThrow(
      'object 1: has no apiVersion or no kind, so it cannot be evaluated',
    );
  });
});

describe('a list', () => {
  it('of a kind, as the API returns it, gives its kind to its items', () => {
    const bare = { metadata: { name: 'p', namespace: 'a' } };
    const { pods, policies } = readCluster([
      object('v1', 'PodList', { items: [bare] }),
      object('networking.k8s.io/v1', 'NetworkPolicyList', { items: [bare] }),
    ]);
    expect(pods.map(({ name }) => name)).toEqual(['p']);
    expect(policies.get('a')).toHaveLength(1);
  });

  it('as kubectl returns it holds objects of any kind', () => {
    const list = object('v1', 'List', { items: [pod('p'), policy('deny', egress())] });
    expect(reach([list], { namespace: 'a', name: 'p' })).toMatchObject({ isolated: true, rows: [] });
  });
});
