import { Construct } from 'constructs';
import { LABELS } from '../model/names.js';
import { NetworkPolicy } from './network-policy.js';
import { object } from './object.js';

export interface DenyBaselineProps {
  readonly name: string;
  readonly namespace: string;
  /** @default - the baseline of a namespace of the platform */
  readonly workspace?: string;
  /** Also a CiliumNetworkPolicy that denies the same by itself. */
  readonly cilium: boolean;
}

/**
 * Denies everything in both directions to every pod of a namespace, labelled or not. It never changes with the level
 * and no engine deletes it; whatever is open is open by another policy, since policies only add.
 * Source: runbook Phase 4 step 1, meant as "blocks all outbound traffic"; bypasses B2 and B25.
 */
export class DenyBaseline extends Construct {
  constructor(scope: Construct, id: string, { name, namespace, workspace, cilium }: DenyBaselineProps) {
    super(scope, id);
    const labels = workspace === undefined ? {} : { [LABELS.workspace]: workspace };
    new NetworkPolicy(this, 'network-policy', {
      name,
      namespace,
      subject: {},
      egress: [],
      ingress: [],
      publicCidrs: [],
      labels,
      keep: 'baseline',
    });
    if (!cilium) return;
    object(this, 'cilium', {
      apiVersion: 'cilium.io/v2',
      kind: 'CiliumNetworkPolicy',
      name,
      namespace,
      labels,
      keep: 'baseline',
      content: {
        // An empty rule allows nothing and turns default deny on; an absent section would not isolate (trap S15).
        spec: {
          endpointSelector: {},
          enableDefaultDeny: { egress: true, ingress: true },
          egress: [{}],
          ingress: [{}],
        },
      },
    });
  }
}
