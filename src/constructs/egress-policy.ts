import { Construct } from 'constructs';
import { asksDns, isOpenedAtPlatform, type Edge } from '../model/edges.js';
import { workspaceEdges } from '../model/workspace-edges.js';
import { resolvableNames } from '../model/resolvable-names.js';
import type { Control, Modes } from '../model/levels.js';
import { LABELS, NAMESPACES } from '../model/names.js';
import type { Platform } from '../model/platform.js';
import { publicCidrs } from '../model/public-addresses.js';
import type { Workspace } from '../model/workspace.js';
import { CiliumPolicy } from './cilium-policy.js';
import { DenyBaseline } from './deny-baseline.js';
import { isEnd, NetworkPolicy, subjects } from './network-policy.js';

export interface EgressPolicyProps {
  readonly platform: Platform;
  readonly workspace: Workspace;
  /** What is in force: the level's preset with what is relaxed in shadow. */
  readonly modes: Modes;
}

/** Controls whose shadow opens edges. */
const OPENING: readonly Control[] = ['egress', 'mtls'];

/**
 * Everything the network layer holds about one workspace: the deny baseline, what is always allowed, and one object
 * per subject and control for what is open only while that control is in shadow or relaxed, also beside the platform's
 * pods that such an edge reaches. So relaxing adds objects, tightening deletes them, and neither changes a standing one.
 * Source: runbook Phase 4 step 1 and "Rollback" level 1.
 */
export class EgressPolicy extends Construct {
  private readonly edges: readonly Edge[];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: EgressPolicyProps,
  ) {
    super(scope, id);
    const { platform, workspace, modes } = props;
    this.edges = workspaceEdges(platform, workspace);
    this.render('always', 'allow', {});
    for (const control of OPENING) {
      if (modes[control] === 'enforce') continue;
      const { relaxing } = workspace;
      const relaxation = relaxing?.controls.includes(control) ? relaxing.relaxation : undefined;
      // A Relaxation's objects carry its name: another Relaxation opens by objects of its own, never by relabelling these.
      const suffix = relaxation === undefined ? `open-${control}` : `open-${control}-${relaxation}`;
      this.render(control, suffix, {
        [LABELS.opens]: control,
        ...(relaxation === undefined ? {} : { [LABELS.relaxation]: relaxation }),
      });
    }
    new DenyBaseline(this, 'baseline', {
      name: `agent-deny-default-${workspace.id}`,
      namespace: workspace.namespace,
      workspace: workspace.id,
      cilium: platform.network.cilium,
    });
  }

  /** One policy per subject for the edges that `opener` opens. */
  private render(opener: 'always' | Control, suffix: string, extraLabels: Record<string, string>): void {
    const { platform, workspace } = this.props;
    const { namespace } = workspace;
    const { cilium } = platform.network;
    const labels = { [LABELS.workspace]: workspace.id, ...extraLabels };
    const opened = (open: Edge['open']): boolean =>
      open === 'always' ? opener === 'always' : open.whileShadow === opener;
    const dnsNames = resolvableNames(platform, workspace)
      .filter(({ open }) => opened(open))
      .map(({ name }) => name);
    const edges = this.edges.filter((edge) => opened(edge.open) && (dnsNames.length > 0 || !asksDns(edge)));
    for (const { end, egress, ingress } of subjects(edges, namespace)) {
      const name = `${end.name}-${suffix}`;
      const plain = cilium ? egress.filter((edge) => !onlyByName(edge)) : egress;
      if (plain.length + ingress.length > 0) {
        new NetworkPolicy(this, name, {
          ...{ name, namespace, labels, ingress },
          subject: end.labels,
          egress: plain,
          publicCidrs: publicCidrs(platform),
        });
      }
      if (cilium) {
        // An object that opens names must also let them be asked for.
        const asking = this.edges.filter((edge) => isEnd(edge.from, end) && edge.open === 'always' && asksDns(edge));
        new CiliumPolicy(this, `${name}-cilium`, {
          ...{ name, namespace, labels, ingress, dnsNames },
          subject: end.labels,
          egress: [...new Set([...egress, ...asking])],
        });
      }
    }
    this.renderAtPlatform(edges.filter(isOpenedAtPlatform), suffix, labels);
  }

  /** One policy per pod of the platform that the edges reach, and for their receiving end alone. */
  private renderAtPlatform(edges: readonly Edge[], suffix: string, labels: Record<string, string>): void {
    const { platform, workspace } = this.props;
    for (const namespace of Object.values(NAMESPACES)) {
      for (const { end, ingress } of subjects(edges, namespace)) {
        if (ingress.length === 0) continue;
        const name = `${end.name}-${workspace.id}-${suffix}`;
        const props = { name, namespace, labels, subject: end.labels, egress: [], ingress };
        new NetworkPolicy(this, name, { ...props, publicCidrs: [] });
        if (platform.network.cilium) new CiliumPolicy(this, `${name}-cilium`, props);
      }
    }
  }
}

/** Where Cilium enforces names, a plain rule for port 53 would void them, and one for addresses is wider. */
const onlyByName = (edge: Edge): boolean => edge.to.kind === 'public' || asksDns(edge);
