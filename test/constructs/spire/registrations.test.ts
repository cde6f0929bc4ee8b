import { describe, expect, it } from 'vitest';
import { renderWorkspace } from '../../../src/charts/render.js';
import { ACME, PLATFORM } from '../../model/examples.js';
import { renderSpire, specOf } from './fixture.js';

const UID = '5dbb7b21-65fe-11e9-b1b0-0800277ac80f';
const registrations = (...args: Parameters<typeof renderSpire>) =>
  renderSpire(...args).filter(({ apiVersion }) => apiVersion === 'spire.spiffe.io/v1alpha1');
const selected = (...args: Parameters<typeof renderSpire>) =>
  Object.fromEntries(
    registrations(...args)
      .filter(({ kind }) => kind === 'ClusterSPIFFEID')
      .map((object) => [
        object.metadata.name,
        [specOf(object).namespaceSelector.matchLabels, specOf(object).podSelector.matchLabels],
      ]),
  );
const namespace = (name: string) => ({ 'kubernetes.io/metadata.name': name });
const component = (name: string) => ({ 'portarium.io/component': name });
const agents = (workspace: string) => ({ 'portarium.io/role': 'agent', 'portarium.io/workspace': workspace });

describe('who gets an SVID', () => {
  it('is the front, the workers and the agents of each workspace, by namespace and labels together', () => {
    expect(selected()).toEqual({
      'portarium-api-server': [namespace('portarium-control-plane'), component('api-server')],
      'portarium-worker': [namespace('portarium-execution'), component('worker')],
      'portarium-agents-ws-acme': [namespace('portarium-agents'), agents('ws-acme')],
      'portarium-agents-ws-beta': [namespace('portarium-agents'), agents('ws-beta')],
      'portarium-agents-ws-globex': [namespace('portarium-agents-globex'), agents('ws-globex')],
    });
  });

  it('is the front too where the server stands beside it', () => {
    const own = selected({ namespace: 'portarium-spire-server' });
    expect(own['portarium-api-server']).toEqual(selected()['portarium-api-server']);
  });

  it('gets the SPIFFE ID of its account, in the sidecar’s container alone, for as long as configured, and no JWT', () => {
    for (const object of registrations({ x509Ttl: '2h' })) {
      expect(specOf(object)).toEqual({
        className: 'portarium',
        spiffeIDTemplate:
          'spiffe://{{ .TrustDomain }}/ns/{{ .PodMeta.Namespace }}/sa/{{ .PodSpec.ServiceAccountName }}',
        namespaceSelector: expect.anything() as unknown,
        podSelector: expect.anything() as unknown,
        workloadSelectorTemplates: [
          'k8s:ns:{{ .PodMeta.Namespace }}',
          'k8s:sa:{{ .PodSpec.ServiceAccountName }}',
          'k8s:container-name:envoy',
        ],
        ttl: '2h',
      });
    }
  });

  it('is an agent gateway of the config', () => {
    const workloads = [
      { name: 'gateway', namespace: 'gateways', serviceAccount: 'gateway', podLabels: { app: 'gateway' } },
    ];
    expect(selected({ workloads })['portarium-workload-gateway']).toEqual([namespace('gateways'), { app: 'gateway' }]);
  });

  it('is a bridge on the node of the config, by its UID or by a label', () => {
    const bridge = { namespace: 'bridges', serviceAccount: 'bridge' };
    const nodeLabel = { key: 'node-restriction.kubernetes.io/bridge', value: 'south' };
    const bridges = [
      { ...bridge, name: 'north', nodeUid: UID },
      { ...bridge, name: 'south', nodeLabel },
    ];
    const entries = registrations({ bridges }).filter(({ kind }) => kind === 'ClusterStaticEntry');
    const selectors = ['k8s:ns:bridges', 'k8s:sa:bridge', 'k8s:container-name:envoy'];
    const spiffeID = 'spiffe://portarium.io/ns/bridges/sa/bridge';
    expect(Object.fromEntries(entries.map((object) => [object.metadata.name, specOf(object)]))).toEqual({
      'portarium-bridge-north': {
        className: 'portarium',
        spiffeID,
        parentID: `spiffe://portarium.io/spire/agent/k8s_psat/portarium/${UID}`,
        selectors,
        x509SVIDTTL: '1h',
      },
      'portarium-bridge-nodes-south': {
        className: 'portarium',
        spiffeID: 'spiffe://portarium.io/bridge-nodes/south',
        parentID: 'spiffe://portarium.io/spire/server',
        selectors: [
          'k8s_psat:cluster:portarium',
          'k8s_psat:agent_node_label:node-restriction.kubernetes.io/bridge:south',
        ],
      },
      'portarium-bridge-south': {
        className: 'portarium',
        spiffeID,
        parentID: 'spiffe://portarium.io/bridge-nodes/south',
        selectors,
        x509SVIDTTL: '1h',
      },
    });
  });

  it('is written by no workspace’s stack, which has nothing of the whole cluster at all', () => {
    for (const { apiVersion, metadata } of renderWorkspace(PLATFORM, ACME)) {
      expect(apiVersion).not.toContain('spiffe');
      expect(metadata.namespace).toBeDefined();
    }
  });
});
