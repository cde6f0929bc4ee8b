import { describe, expect, it } from 'vitest';
import { renderWorkspace } from '../../../src/charts/render.js';
import type { KubeObject } from '../../../src/model/kube-object.js';
import { LEVELS, type Level } from '../../../src/model/levels.js';
import type { Platform } from '../../../src/model/platform.js';
import { platform, policyOf, workspace } from './fixture.js';
import { ADMITTED, install, outcome, settled, users } from './install.js';

const KINDS = ['NetworkPolicy', 'CiliumNetworkPolicy'];

/** The network objects of the stack, under names that nobody has. */
const networkObjects = (of: Platform, level: Level): readonly KubeObject[] =>
  renderWorkspace(of, workspace('ws-initech', level))
    .filter(({ kind }) => KINDS.includes(kind))
    .map((object) => ({ ...object, metadata: { ...object.metadata, name: `r-${object.metadata.name}` } }));

const by = users['platform-deployer'];

/** ws-initech is at `routing` before. */
export function renderedCases(): void {
  const clusters: readonly (readonly [string, Platform])[] = [
    ['with NetworkPolicy', platform],
    ['with Cilium and agent-dns', { ...platform, network: { cilium: true, clusterNetworkPolicy: false } }],
    [
      'with Cilium’s own names and NodeLocal DNSCache',
      {
        ...platform,
        network: { cilium: true, clusterNetworkPolicy: false },
        agentDns: { ...platform.agentDns, mode: 'cilium' },
        cluster: { ...platform.cluster, dns: { ...platform.cluster.dns, nodeLocalAddress: '169.254.20.10' } },
      },
    ],
    [
      'with agent-dns behind NodeLocal DNSCache',
      {
        ...platform,
        cluster: { ...platform.cluster, dns: { ...platform.cluster.dns, nodeLocalAddress: '169.254.20.10' } },
      },
    ],
    ['without Vault', withoutVault(platform)],
  ];
  describe.each(clusters)('what this program renders on a cluster %s', (_, of) => {
    it('is admitted', async () => {
      await install(of);
      for (const object of networkObjects(of, 'routing')) {
        expect(await settled(() => by.create(object, { dryRun: true }), ADMITTED), object.metadata.name).toBe('');
      }
    });
  });

  describe('on a cluster with Cilium', () => {
    it('a NetworkPolicy opens neither DNS nor public addresses to agents: Cilium opens them by name', async () => {
      const cilium: Platform = { ...platform, network: { cilium: true, clusterNetworkPolicy: false } };
      const plain = networkObjects(platform, 'routing');
      await install(cilium);
      for (const name of [
        'agents-ws-initech-allow',
        'agents-ws-initech-open-egress',
        'agent-dns-ws-initech-open-egress',
      ]) {
        const object = plain.find(({ metadata }) => metadata.name === `r-${name}`)!;
        expect(await settled(() => by.create(object, { dryRun: true }), /./)).toContain('opens what is no edge of');
      }
    });
  });

  describe('what this program renders at each level', () => {
    it('is admitted when the workspace has reached it, and what opens more is refused', async () => {
      await install(platform);
      for (const level of LEVELS) {
        await by.apply(policyOf(workspace('ws-initech', level)));
        const rendered = networkObjects(platform, level);
        const names = rendered.map(({ metadata }) => metadata.name);
        for (const object of rendered) {
          expect(await settled(() => by.create(object, { dryRun: true }), ADMITTED), object.metadata.name).toBe('');
        }
        for (const object of networkObjects(platform, 'routing').filter(
          ({ metadata }) => !names.includes(metadata.name),
        )) {
          expect(await settled(() => by.create(object, { dryRun: true }), /./)).toContain(
            `ws-initech has reached the level ${level}, which enforces`,
          );
        }
      }
      expect(await outcome(by.apply(policyOf(workspace('ws-initech', 'routing'))))).toContain(
        'reachedLevel only rises',
      );
    });
  });
}

function withoutVault(of: Platform): Platform {
  const { vault, ...rest } = of;
  return vault === undefined ? of : rest;
}
