import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../src/model/kube-object.js';
import { admin, ADMITTED, outcome, settled, until, users } from './install.js';

/** Kinds of other network layers, which the lab does not have. */
const KINDS = [
  { group: 'crd.projectcalico.org', version: 'v1', kind: 'NetworkPolicy', plural: 'networkpolicies' },
  { group: 'crd.antrea.io', version: 'v1beta1', kind: 'NetworkPolicy', plural: 'networkpolicies' },
  { group: 'cilium.io', version: 'v2', kind: 'CiliumLocalRedirectPolicy', plural: 'ciliumlocalredirectpolicies' },
] as const;
type Kind = (typeof KINDS)[number];

const definition = ({ group, version, kind, plural }: Kind): KubeObject => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.${group}` },
  spec: {
    group,
    scope: 'Namespaced',
    names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
    versions: [
      {
        name: version,
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
});
const policy = ({ group, version, kind }: Kind, namespace: string): KubeObject => ({
  apiVersion: `${group}/${version}`,
  kind,
  metadata: { name: 'candidate', namespace },
  spec: { order: 1, egress: [{ action: 'Allow' }] },
});

export function foreignKindsCases(): void {
  describe('a policy of a kind that nobody here evaluates', () => {
    beforeAll(async () => {
      for (const kind of KINDS) {
        await admin.apply(definition(kind));
        await until(`${kind.group} ${kind.kind} is served`, async () => {
          const { group, version } = kind;
          return (await admin.tryResource(`${group}/${version}`, kind.kind)) !== undefined;
        });
      }
    });
    afterAll(async () => {
      for (const kind of KINDS) await admin.delete(definition(kind));
    });

    it.each(KINDS.map((kind) => [`${kind.kind}.${kind.group}`, kind] as const))(
      '%s has no place among agents, but elsewhere',
      async (_, kind) => {
        const create = (by: keyof typeof users, namespace: string) => () =>
          users[by].create(policy(kind, namespace), { dryRun: true });
        for (const by of ['mallory', 'ws-acme-deployer', 'platform-deployer'] as const) {
          expect(await settled(create(by, 'a-agents'), /./)).toContain(
            'Among agents only NetworkPolicy and CiliumNetworkPolicy are used',
          );
        }
        expect(await settled(create('breakglass', 'a-agents'), ADMITTED)).toBe('');
        expect(await outcome(create('mallory', 'default')())).toBe('');
      },
    );
  });
}
