import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { AgentDns } from '../constructs/agent-dns.js';
import { AgentWorkload } from '../constructs/agent-workload.js';
import { EgressPolicy } from '../constructs/egress-policy.js';
import { WorkspacePolicy } from '../constructs/workspace-policy.js';
import { modesAt, relax } from '../model/levels.js';
import { LABELS } from '../model/names.js';
import type { Platform } from '../model/platform.js';
import type { Workspace } from '../model/workspace.js';

export interface WorkspaceChartProps {
  readonly platform: Platform;
  readonly workspace: Workspace;
  /** The newest Relaxation that had egress open and is over; read from the cluster, absent when rendering offline. */
  readonly closedAfter?: string;
}

/** Everything of one workspace at its level, with what its config relaxes. Namespaced objects only. */
export class WorkspaceChart extends Chart {
  constructor(scope: Construct, id: string, { platform, workspace, closedAfter }: WorkspaceChartProps) {
    super(scope, id, { disableResourceNameHashes: true, labels: { [LABELS.stack]: workspace.stack } });
    const modes = relax(workspace.level, workspace.relaxing?.controls ?? []);
    new WorkspacePolicy(this, 'workspace-policy', platform, workspace);
    new EgressPolicy(this, 'egress', { platform, workspace, modes });
    if (platform.agentDns.mode === 'agent-dns') new AgentDns(this, 'dns', { platform, workspace, modes });
    const egress = modes.egress === 'enforce' ? closed(closedAfter) : opened(workspace);
    for (const agent of workspace.agents) new AgentWorkload(this, agent.name, { platform, workspace, agent, egress });
  }
}

const closed = (after: string | undefined): string => (after === undefined ? 'closed' : `closed-after-${after}`);

const opened = ({ level, relaxing }: Workspace): string =>
  modesAt(level).egress === 'shadow' ? 'shadow' : `open-by-${relaxing?.relaxation ?? 'an-unnamed-relaxation'}`;
