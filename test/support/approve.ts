import type { Cluster } from '../../src/bridge/cluster.js';
import { approvePolicy } from '../../src/bridge/policy-approvals.js';
import { loadStack } from '../../src/config/load.js';
import type { PolicyApproval } from '../../src/model/policy-approval.js';
import { workspacePolicy } from '../../src/model/policy.js';

/** Approves what the agents of a stack may do, as it says now: nothing of it changes above `routing` without. */
export async function approveStack(by: Cluster, stack: string, dir = 'stacks'): Promise<PolicyApproval> {
  const config = loadStack(stack, { dir });
  if (config.kind === 'platform') throw new Error(`${stack} is no workspace`);
  const policy = workspacePolicy(config.platform, config.workspace);
  const why = { reason: 'the agents need these tools', ticket: 'CHG-1' };
  return (await approvePolicy(by, { policy, ...why })).approval;
}
