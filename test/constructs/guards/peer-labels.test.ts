import { describe, expect, it } from 'vitest';
import { PeerLabels, peersOf } from '../../../src/constructs/guards/peer-labels.js';
import { platform, render } from './fixture.js';

const vault = { namespace: 'vault', podLabels: { app: 'vault' }, serviceAccount: 'vault', port: 8200 };
const own = (peers: ReturnType<typeof peersOf>) =>
  peers.map(({ namespace, serviceAccount }) => `${namespace}/${serviceAccount}`);

describe('peersOf', () => {
  it('lists every peer of the edge matrix outside the agents’ namespaces, each once', () => {
    expect(own(peersOf({ ...platform, vault }))).toEqual([
      'ingress/gateway',
      'kube-system/coredns',
      'portarium-control-plane/api-server',
      'portarium-control-plane/openfga',
      'portarium-control-plane/openfga-migration',
      'portarium-control-plane/spire-server',
      'portarium-execution/worker',
      'portarium-observability/otel-collector',
      'portarium-observability/prometheus',
      'portarium-spire/spire-agent',
      'vault/vault',
    ]);
  });

  it('has no Vault where there is none', () => {
    expect(own(peersOf(platform))).not.toContain('vault/vault');
  });

  it('leaves out a NodeLocal DNSCache, which has no pods', () => {
    const { cluster } = platform;
    const dns = { ...cluster.dns, nodeLocalAddress: '169.254.20.10' };
    expect(own(peersOf({ ...platform, cluster: { ...cluster, dns } }))).not.toContain('kube-system/coredns');
  });
});

describe('PeerLabels', () => {
  it('knows the SPIRE server in a namespace of its own', () => {
    const own = { ...platform, spire: { ...platform.spire, namespace: 'portarium-spire-server' } as const };
    const [moved] = render((scope) => new PeerLabels(scope, 'guard', { platform: own })).policies;
    expect(moved!.spec.validations.at(-1)!.expression).toContain(
      '"portarium-spire":["spire-agent"],"portarium-spire-server":["spire-server"]}',
    );
    expect(moved!.spec.validations.at(-1)!.expression).toContain(
      '"portarium-control-plane":["api-server","openfga","openfga-migration"]',
    );
  });

  const [policy] = render((scope) => new PeerLabels(scope, 'guard', { platform })).policies;

  it('ties all labels of a peer to its service account', () => {
    expect(policy!.spec.validations[0]).toEqual({
      expression:
        '!(request.namespace == "ingress" && object.metadata.?labels[?"app"].orValue("") == "gateway" && ' +
        'object.metadata.?labels[?"tier"].orValue("") == "edge") || variables.account == "gateway"',
      message:
        'In ingress only the service account gateway may carry app=gateway, tier=edge, by which network policies select it. ' +
        'Set serviceAccountName to gateway, or choose other labels.',
      reason: 'Forbidden',
    });
  });

  it('knows the components of each namespace of the platform', () => {
    expect(policy!.spec.validations.at(-1)!.expression).toContain(
      '{"portarium-control-plane":["api-server","openfga","openfga-migration","spire-server"],"portarium-execution":["worker"],' +
        '"portarium-observability":["otel-collector","prometheus"],"portarium-policy":[],"portarium-spire":["spire-agent"]}',
    );
  });
});
