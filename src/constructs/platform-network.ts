import { Construct } from 'constructs';
import { asksDns, isOpenedAtPlatform } from '../model/edges.js';
import { platformEdges } from '../model/platform-edges.js';
import { platformNamespaces, type Platform } from '../model/platform.js';
import { publicCidrs } from '../model/public-addresses.js';
import { CiliumPolicy } from './cilium-policy.js';
import { DenyBaseline } from './deny-baseline.js';
import { NetworkPolicy, subjects } from './network-policy.js';

/**
 * Default deny in both directions in every platform namespace, opened edge by edge: each of them could forward for an
 * agent, so each is held to the matrix too (bypass B18). What a workspace's level opens here is opened by that workspace's
 * stack (`egress-policy.ts`), so nothing of this changes with a level.
 * Source: design, section 5; runbook Phase 4 step 1.
 */
export class PlatformNetwork extends Construct {
  constructor(scope: Construct, id: string, platform: Platform) {
    super(scope, id);
    const edges = platformEdges(platform);
    const { cilium } = platform.network;
    for (const namespace of platformNamespaces(platform)) {
      for (const { end, egress, ingress: reaching } of subjects(edges, namespace)) {
        const ingress = reaching.filter((edge) => !isOpenedAtPlatform(edge));
        const name = `${end.name}-allow`;
        // Cilium learns a host's addresses from the answers it sees: who is let out by name must ask through its proxy.
        const byName = cilium && egress.some(({ to }) => to.kind === 'public');
        const plain = byName ? egress.filter((edge) => edge.to.kind !== 'public' && !asksDns(edge)) : egress;
        new NetworkPolicy(this, `${namespace}-${name}`, {
          ...{ name, namespace, ingress },
          subject: end.labels,
          egress: plain,
          publicCidrs: publicCidrs(platform),
        });
        if (cilium) {
          new CiliumPolicy(this, `${namespace}-${name}-cilium`, {
            ...{ name, namespace, egress, ingress },
            subject: end.labels,
            ...(byName && { dnsNames: 'any' }),
          });
        }
      }
      new DenyBaseline(this, `${namespace}-deny`, { name: 'deny-default', namespace, cilium });
    }
  }
}
