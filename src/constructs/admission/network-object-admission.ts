import { Construct } from 'constructs';
import type { AdmissionProps } from './admission-policy.js';
import { CiliumShape } from './cilium-shape.js';
import { NetworkBaseline } from './network-baseline.js';
import { NetworkClusterWide } from './network-cluster-wide.js';
import { NetworkDefinitionsKept } from './network-definitions-kept.js';
import { NetworkForeignKinds } from './network-foreign-kinds.js';
import { NetworkFront } from './network-front.js';
import { NetworkFrontShape } from './network-front-shape.js';
import { NetworkOpens } from './network-opens.js';
import { NetworkOwner } from './network-owner.js';
import { NetworkRelaxed } from './network-relaxed.js';
import { NetworkShape } from './network-shape.js';

/**
 * Who may write network policies among agents and in the platform's namespaces, what these may open, and by whose
 * authority. Refuses where the platform's guards are `deny`; warns and records where they are `audit`, but for what
 * workspaces' deployers write beside the control plane: they hold a right there that is worth nothing without it.
 * Source: design, section 2; research/network-policy.md, sections 1a and 1b.
 */
export class NetworkObjectAdmission extends Construct {
  constructor(scope: Construct, id: string, props: AdmissionProps) {
    super(scope, id);
    new NetworkOwner(this, 'owner', props);
    new NetworkFront(this, 'front', props);
    new NetworkBaseline(this, 'baseline', props);
    new NetworkForeignKinds(this, 'foreign-kinds', props);
    new NetworkClusterWide(this, 'cluster-wide', props);
    new NetworkDefinitionsKept(this, 'definitions', props);
    new NetworkShape(this, 'shape', props);
    new CiliumShape(this, 'cilium-shape', props);
    new NetworkFrontShape(this, 'front-shape', props);
    new NetworkOpens(this, 'opens', props);
    new NetworkRelaxed(this, 'relaxed', props);
  }
}
