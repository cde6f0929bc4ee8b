import { Construct } from 'constructs';
import { AGENT_ROLE, LABELS, PROBE } from '../../model/names.js';
import { ACCOUNT } from './cel.js';
import { Guard, type GuardFamilyProps } from './guard.js';

/**
 * An agent's service account is listed in its workspace's WorkspacePolicy, so that nobody becomes an agent that no
 * reviewed config declares; `AgentPods` ties the agent's name to the account. Without a policy object no agent starts.
 *
 * Makes `portarium-guard-agent-accounts` with one binding per workspace, whose parameter is `portarium-policy/<id>`.
 * The bindings select by label; `AgentPods` makes the label mandatory. Closes B16.
 */
export class AgentServiceAccounts extends Construct {
  constructor(scope: Construct, id: string, { platform }: GuardFamilyProps) {
    super(scope, id);
    new Guard(this, 'guard', {
      mode: platform.guards,
      name: 'agent-accounts',
      requests: [{ operations: ['CREATE'], resources: ['pods'] }],
      paramKind: 'WorkspacePolicy',
      bindings: platform.workspaces.map(({ id: workspace, namespace }) => ({
        suffix: workspace,
        namespaces: [namespace],
        labels: [
          { key: LABELS.role, operator: 'In', values: [AGENT_ROLE] },
          { key: LABELS.workspace, operator: 'In', values: [workspace] },
          // It is nobody's agent: `ProbePods` holds it.
          { key: LABELS.agent, operator: 'NotIn', values: [PROBE] },
        ],
        param: { name: workspace },
      })),
      variables: { account: ACCOUNT },
      refusals: [
        {
          expression: 'params.spec.agents.exists(agent, agent.serviceAccount == variables.account)',
          message:
            'The WorkspacePolicy lists no such agent. Add the agent to the stack of the workspace (portarium:agents).',
          messageExpression:
            '"The WorkspacePolicy " + params.metadata.name + " lists no agent with the service account " + variables.account + ". Add the agent to the stack of the workspace (portarium:agents) and deploy that first."',
        },
        {
          expression: 'params.spec.namespace == request.namespace',
          message: 'The WorkspacePolicy is for another namespace. Deploy the stack of the workspace again.',
        },
      ],
    });
  }
}
