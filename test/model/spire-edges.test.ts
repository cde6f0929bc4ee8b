import { describe, expect, it } from 'vitest';
import { agentsOf, type Edge } from '../../src/model/edges.js';
import { platformEdges } from '../../src/model/platform-edges.js';
import { agentEdges } from '../../src/model/workspace-edges.js';
import type { Platform } from '../../src/model/platform.js';
import { SPIRE_AGENTS, spireServerOf } from '../../src/model/spire-edges.js';
import type { Spire } from '../../src/model/spire.js';
import { PLATFORM } from './examples.js';

const withSpire = (changes: Partial<Spire>): Platform => ({ ...PLATFORM, spire: { ...PLATFORM.spire, ...changes } });
const line = ({ from, to, ports }: Edge): string =>
  `${from.name} to ${to.name} ${ports.map(({ protocol, service, target }) => `${protocol} ${service}>${target}`).join(' ')}`;
const spireEdges = (platform: Platform): readonly string[] =>
  platformEdges(platform)
    .filter(({ from, to }) => [from.name, to.name].some((name) => name.startsWith('spire-')))
    .map(line)
    .sort();

const ALWAYS = [
  'kubernetes-api to spire-server TCP 443>9443',
  'prometheus to spire-agent TCP 9988>9988',
  'prometheus to spire-server TCP 9988>9988 TCP 8082>8082',
  'spire-agent to cluster-dns UDP 53>53 TCP 53>53',
  'spire-agent to kubelets TCP 10250>10250',
  'spire-agent to spire-server TCP 8081>8081',
  'spire-server to cluster-dns UDP 53>53 TCP 53>53',
  'spire-server to kubernetes-api TCP 443>6443',
];

describe('SPIRE’s edges', () => {
  it('are these and no others', () => {
    expect(spireEdges(PLATFORM)).toEqual(ALWAYS);
  });

  it('lead to the database, the upstream CA and the KMS only where the config has them', () => {
    const peer = { name: 'spire-db', component: 'spire-server', cidrs: ['192.0.2.5/32'] } as const;
    const database = { ...PLATFORM, peers: [{ ...peer, ports: [5432], forwards: false, reason: 'a database' }] };
    expect(spireEdges(database)).toContain('spire-server to spire-db TCP 5432>5432');
    const vault = {
      type: 'vault',
      address: 'https://v',
      pkiMount: 'pki',
      authMount: 'k',
      role: 'r',
      caSecret: 's',
    } as const;
    expect(spireEdges(withSpire({ upstreamAuthority: vault }))).toContain('spire-server to vault TCP 8200>8200');
    const kms = withSpire({
      keyManager: { type: 'aws_kms', region: 'eu-central-1' },
      upstreamAuthority: { type: 'aws_pca', region: 'eu-west-1', certificateAuthorityArn: 'arn' },
    });
    expect(platformEdges(kms).find(({ to }) => to.name === 'aws')?.to).toEqual({
      kind: 'public',
      name: 'aws',
      hosts: [
        'acm-pca.eu-west-1.amazonaws.com',
        'kms.eu-central-1.amazonaws.com',
        'sts.eu-central-1.amazonaws.com',
        'sts.eu-west-1.amazonaws.com',
      ],
    });
  });

  it('know the server by its labels in the namespace that the config gives it', () => {
    expect(spireServerOf(PLATFORM).namespace).toBe('portarium-control-plane');
    expect(spireServerOf(withSpire({ namespace: 'portarium-spire-server' }))).toMatchObject({
      namespace: 'portarium-spire-server',
      labels: { 'portarium.io/component': 'spire-server' },
      serviceAccount: 'spire-server',
    });
  });

  it('say that nodes/proxy runs commands, and nodes/pods does not', () => {
    const forwards = (platform: Platform) =>
      platformEdges(platform).find(({ to }) => to.name === 'kubelets')?.forwards.does;
    expect(forwards(PLATFORM)).toBe(false);
    expect(forwards(withSpire({ kubelet: { access: 'nodes/proxy', address: 'hostIP' } }))).toBe(true);
  });

  it.each(['portarium-control-plane', 'portarium-spire-server'] as const)(
    'lead from no agent of a workspace, with the server in %s',
    (namespace) => {
      const platform = withSpire({ namespace });
      for (const placement of platform.workspaces) {
        const agents = agentsOf(placement).name;
        const reached = agentEdges(platform, placement)
          .filter(({ from }) => from.name === agents)
          .map(({ to }) => to.name);
        expect(reached).not.toContain(spireServerOf(platform).name);
        expect(reached).not.toContain(SPIRE_AGENTS.name);
      }
    },
  );
});
