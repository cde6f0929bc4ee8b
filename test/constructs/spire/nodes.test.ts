/* eslint-disable @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return -- objects of every kind are looked into */
import { describe, expect, it } from 'vitest';
import { SPIRE_SOCKETS } from '../../../src/model/spire.js';
import { configOf, find, renderSpire, specOf, type Json } from './fixture.js';

const pod = (name: string, ...args: Parameters<typeof renderSpire>) =>
  specOf(find(renderSpire(...args), 'DaemonSet', name)).template.spec;

describe.each(['spire-agent', 'spiffe-csi-driver'])('%s', (name) => {
  it('is on every node, whatever taints it, and is evicted last', () => {
    expect(pod(name)).toMatchObject({
      tolerations: [{ operator: 'Exists' }],
      priorityClassName: 'system-node-critical',
    });
    expect(pod(name).tolerations).toHaveLength(1);
  });

  it('has nothing of the host’s network', () => {
    const { hostNetwork, containers } = pod(name);
    expect(hostNetwork).toBeUndefined();
    for (const { ports = [] } of containers) for (const port of ports) expect(port.hostPort).toBeUndefined();
  });
});

describe('SPIRE’s agent', () => {
  it('sees the node’s processes, and of its files one directory, without a capability', () => {
    const { hostPID, volumes, containers } = pod('spire-agent');
    expect(hostPID).toBe(true);
    expect(volumes.filter(({ hostPath }: Json) => hostPath !== undefined)).toEqual([
      { name: 'sockets', hostPath: { path: SPIRE_SOCKETS.hostDir, type: 'DirectoryOrCreate' } },
    ]);
    expect(containers[0].securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  it('may read the list of its node’s pods; anything of the kubelet’s only where the cluster is older', () => {
    const rules = (access: 'nodes/pods' | 'nodes/proxy') =>
      find(renderSpire({ kubelet: { access, address: 'hostIP' } }), 'ClusterRole', 'portarium-spire-agent')['rules'];
    expect(rules('nodes/pods')).toEqual([{ apiGroups: [''], resources: ['nodes/pods'], verbs: ['get'] }]);
    expect(rules('nodes/proxy')).toEqual([{ apiGroups: [''], resources: ['nodes/proxy'], verbs: ['get'] }]);
  });

  it('asks its own kubelet by what the certificate names, and verifies it by the CA of the config', () => {
    const env = (address: 'hostIP' | 'nodeName') =>
      pod('spire-agent', { kubelet: { access: 'nodes/pods', address } }).containers[0].env[0].valueFrom.fieldRef;
    expect(env('hostIP')).toEqual({ fieldPath: 'status.hostIP' });
    expect(env('nodeName')).toEqual({ fieldPath: 'spec.nodeName' });
    const own = { kubelet: { access: 'nodes/pods', address: 'hostIP', caConfigMap: 'kubelet-ca' } } as const;
    expect(pod('spire-agent', own).volumes).toContainEqual({ name: 'kubelet-ca', configMap: { name: 'kubelet-ca' } });
    const attestor = configOf(renderSpire(own), 'spire-agent').plugins.WorkloadAttestor[0].k8s.plugin_data;
    expect(attestor.kubelet_ca_path).toBe('/run/spire/kubelet-ca/ca.crt');
    expect(configOf(renderSpire(), 'spire-agent').plugins.WorkloadAttestor[0].k8s.plugin_data).toEqual({
      skip_kubelet_verification: false,
      node_name_env: 'KUBELET_ADDRESS',
    });
  });
});

describe('the CSI driver', () => {
  it('is kept with its account and its driver: pods with its volume could neither start nor end', () => {
    const kept = renderSpire().filter(({ metadata }) => metadata.labels?.['portarium.io/keep'] === 'csi-driver');
    expect(kept.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([
      'CSIDriver csi.spiffe.io',
      'ServiceAccount spiffe-csi-driver',
      'DaemonSet spiffe-csi-driver',
    ]);
  });

  it('has no token, and alone is privileged', () => {
    expect(pod('spiffe-csi-driver').automountServiceAccountToken).toBe(false);
    const privileged = (objects: ReturnType<typeof renderSpire>) =>
      objects
        .filter(({ kind }) => ['Deployment', 'StatefulSet', 'DaemonSet'].includes(kind))
        .flatMap((object) => (specOf(object).template.spec.containers ?? []) as Json[])
        .filter(({ securityContext }) => securityContext?.privileged === true)
        .map(({ name }) => name as string);
    expect(privileged(renderSpire())).toEqual(['spiffe-csi-driver']);
  });
});
