import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../src/model/kube-object.js';
import { LABELS } from '../../../src/model/names.js';
import { dryDelete, outcome, users } from './install.js';

const tier = (spec: object, labels: Readonly<Record<string, string>> = {}): KubeObject => ({
  apiVersion: 'policy.networking.k8s.io/v1alpha2',
  kind: 'ClusterNetworkPolicy',
  metadata: { name: 'a-cluster-wide', labels },
  spec: { tier: 'Admin', priority: 900, subject: { namespaces: {} }, ...spec },
});
const cilium = (spec: object, labels: Readonly<Record<string, string>> = {}): KubeObject => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumClusterwideNetworkPolicy',
  metadata: { name: 'a-cluster-wide', labels },
  spec: { endpointSelector: {}, ...spec },
});

const rule = (action: string) => [{ action, to: [{ networks: ['198.51.100.0/24'] }] }];
const subject = (name: string) => ({ namespaces: { matchLabels: { 'kubernetes.io/metadata.name': name } } });
const inNamespace = (name: string) => ({ matchLabels: { 'k8s:io.kubernetes.pod.namespace': name } });
const open = { egress: [{ toEntities: ['world'] }] };

const by = (user: 'mallory' | 'platform-deployer', object: KubeObject): Promise<string> =>
  outcome(users[user].create(object, { dryRun: true }));
const WORDS = 'This policy may open something for agents or the platform';

export function clusterWideCases(): void {
  describe('a policy for the whole cluster', () => {
    it.each([
      ['an Accept for every namespace', tier({ egress: rule('Accept') })],
      ['a Pass for every namespace', tier({ egress: rule('Pass') })],
      ['an Accept for an agents’ namespace', tier({ subject: subject('a-agents'), egress: rule('Accept') })],
      [
        'an Accept for a platform namespace',
        tier({ subject: subject('portarium-control-plane'), egress: rule('Accept') }),
      ],
      [
        'an Accept by a tenant’s label',
        tier({ subject: { namespaces: { matchLabels: { team: 'x' } } }, egress: rule('Accept') }),
      ],
      ['an allow for every endpoint', cilium(open)],
      ['an allow for an agents’ namespace', cilium({ ...open, endpointSelector: inNamespace('a-agents') })],
      ['an allow by pod labels', cilium({ ...open, endpointSelector: { matchLabels: { 'k8s:app': 'x' } } })],
    ])('that may open something for agents is the platform’s: %s', async (_, policy) => {
      expect(await by('mallory', policy)).toContain(WORDS);
      expect(await by('platform-deployer', policy)).toBe('');
    });

    it.each([
      ['denies', tier({ egress: rule('Deny') })],
      [
        'is in the Baseline tier, which no agent’s pod comes to',
        tier({ tier: 'Baseline', priority: 0, egress: rule('Accept') }),
      ],
      ['is for another namespace', tier({ subject: subject('default'), egress: rule('Accept') })],
      [
        'is for pods of another namespace',
        tier({
          subject: { pods: { namespaceSelector: subject('default').namespaces, podSelector: {} } },
          egress: rule('Accept'),
        }),
      ],
      ['denies, of Cilium', cilium({ egressDeny: [{ toEntities: ['world'] }] })],
      ['is for another namespace, of Cilium', cilium({ ...open, endpointSelector: inNamespace('default') })],
    ])('is anybody’s when it only %s', async (_, policy) => {
      expect(await by('mallory', policy)).toBe('');
    });

    it.each([
      'ciliumnetworkpolicies.cilium.io',
      'ciliumclusterwidenetworkpolicies.cilium.io',
      'clusternetworkpolicies.policy.networking.k8s.io',
    ])('does not go with its CRD: %s', async (name) => {
      const definition = {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name },
      };
      for (const user of ['mallory', 'platform-deployer', 'admin'] as const) {
        expect(await dryDelete(user, definition)).toContain('This CRD is not deleted: with it every network policy');
      }
      expect(await dryDelete('breakglass', definition)).toBe('');
      const upgraded = { metadata: { annotations: { upgraded: 'yes' } } };
      expect(await outcome(users.mallory.mergePatch(definition, upgraded, { dryRun: true }))).toBe('');
    });

    it('of the baseline is written by the platform’s deployers and deleted by break-glass alone', async () => {
      for (const baseline of [
        tier({ egress: rule('Deny') }, { [LABELS.keep]: 'baseline' }),
        cilium({ egressDeny: [{ toEntities: ['world'] }] }, { [LABELS.keep]: 'baseline' }),
      ]) {
        const words = 'What is denied at every level is written by portarium:platform-deployers';
        expect(await by('mallory', baseline)).toContain(words);
        await users['platform-deployer'].create(baseline);
        const unlabelled = { metadata: { labels: { [LABELS.keep]: null } } };
        expect(await outcome(users.mallory.mergePatch(baseline, unlabelled, { dryRun: true }))).toContain(words);
        expect(await dryDelete('mallory', baseline)).toContain(words);
        expect(await dryDelete('platform-deployer', baseline)).toContain(words);
        expect(await outcome(users.breakglass.delete(baseline))).toBe('');
      }
    });
  });
}
