import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../src/model/kube-object.js';
import { probeJob, type JobProps } from '../../../src/verify/probes/job.js';
import type { Probe } from '../../../src/verify/probes/probe.js';
import { ACME, PLATFORM } from '../../model/examples.js';

const probes: readonly Probe[] = [
  { name: 'front', kind: 'tcp', target: { address: '10.0.0.1', port: 443 }, expect: 'allowed' },
];
const job = (changes: Partial<JobProps> = {}) =>
  probeJob({
    platform: PLATFORM,
    workspace: ACME,
    probes,
    node: 'node-1',
    name: 'probe-x',
    from: 'agents',
    namespace: ACME.namespace,
    ...changes,
  });

interface Pod {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: Readonly<Record<string, unknown>> & {
    readonly containers: readonly {
      readonly image: string;
      readonly command: readonly string[];
      readonly env: readonly { readonly name: string; readonly value: string }[];
    }[];
  };
}
const podOf = (object: KubeObject): Pod => (object['spec'] as { template: Pod }).template;

describe('among the agents', () => {
  const { metadata, spec } = podOf(job());

  it('carries an agent’s labels, so that the same policies select it, and is nobody’s agent', () => {
    expect(metadata.labels).toMatchObject({
      'portarium.io/role': 'agent',
      'portarium.io/workspace': 'ws-acme',
      'portarium.io/agent': 'portarium-probe',
    });
    expect(spec['serviceAccountName']).toBe('portarium-probe');
  });

  it('has no SVID, no token, no volume, and not the node’s network', () => {
    expect(spec['automountServiceAccountToken']).toBe(false);
    for (const field of ['volumes', 'initContainers', 'hostNetwork']) expect(spec, field).not.toHaveProperty(field);
    expect(spec.containers).toHaveLength(1);
  });

  it('runs the platform’s program with its probes, without what must come of them', () => {
    const [container] = spec.containers;
    expect(container).toMatchObject({
      image: PLATFORM.sidecar.authorizerImage,
      command: ['node', '/app/probe-program.js'],
    });
    expect(container!.env.map(({ name }) => name)).toEqual(['PORTARIUM_PROBES']);
    const [sent] = (JSON.parse(container!.env[0]!.value) as { probes: readonly Probe[] }).probes;
    expect(sent).toEqual({ name: 'front', kind: 'tcp', target: { address: '10.0.0.1', port: 443 } });
  });

  it('runs on the node that is meant, by the scheduler, and asks the workspace’s DNS server', () => {
    expect(JSON.stringify(spec['affinity'])).toContain(
      '"matchFields":[{"key":"metadata.name","operator":"In","values":["node-1"]}]',
    );
    expect(spec).not.toHaveProperty('nodeName');
    expect(spec['dnsConfig']).toEqual({ nameservers: ['10.96.53.1'] });
  });
});

describe('elsewhere', () => {
  it('is no agent, and on the node’s own network only where that is what is tried', () => {
    const elsewhere = podOf(job({ from: 'elsewhere', namespace: 'default' }));
    expect(elsewhere.metadata.labels).not.toHaveProperty('portarium.io/role');
    expect(elsewhere.spec).not.toHaveProperty('serviceAccountName');
    expect(elsewhere.spec).not.toHaveProperty('hostNetwork');
    expect(podOf(job({ from: 'node', namespace: 'default' })).spec['hostNetwork']).toBe(true);
  });
});
