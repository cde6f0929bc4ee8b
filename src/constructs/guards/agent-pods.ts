import { Construct } from 'constructs';
import { AGENT_ROLE, LABELS } from '../../model/names.js';
import { agentDns } from '../../model/workspace.js';
import { ACCOUNT, label, literal } from './cel.js';
import { Guard, type GuardFamilyProps } from './guard.js';
import { agentNamespaces, workspacesIn } from './scope.js';

/**
 * In an agents' namespace a pod is an agent, with its role, workspace and name as labels and its own service account,
 * or the workspace's DNS server. Every other pod would be outside the policies that open the edges, or inside them as
 * somebody else.
 *
 * Makes `portarium-guard-agent-pods` and `portarium-guard-agent-workspace` with one binding per namespace.
 * Closes B2 (missing labels), B16 (another's service account) and B17 (whoever made the pod).
 */
export class AgentPods extends Construct {
  constructor(scope: Construct, id: string, { platform }: GuardFamilyProps) {
    super(scope, id);
    const namespaces = agentNamespaces(platform);
    const requests = [{ operations: ['CREATE'], resources: ['pods'] }] as const;
    const withDns = platform.agentDns.mode === 'agent-dns';
    new Guard(this, 'labels', {
      mode: platform.guards,
      name: 'agent-pods',
      requests,
      bindings: [{ namespaces }],
      variables: {
        role: label(LABELS.role),
        workspace: label(LABELS.workspace),
        agent: label(LABELS.agent),
        component: label(LABELS.component),
        isAgent: `variables.role == ${literal(AGENT_ROLE)} && variables.workspace != "" && variables.agent != "" && variables.component == ""`,
        isDns: withDns
          ? `variables.role == "" && variables.agent == "" && variables.component == ${literal(agentDns(''))} + variables.workspace`
          : 'false',
      },
      refusals: [
        {
          expression: 'variables.isAgent || variables.isDns',
          message:
            `Only agents${withDns ? ' and their DNS server' : ''} may run in a namespace of agents, since the network policies know nobody else. ` +
            `Label an agent's pod template ${LABELS.role}=${AGENT_ROLE}, ${LABELS.workspace}=<workspace> and ${LABELS.agent}=<agent>, ` +
            `without ${LABELS.component}; run anything else in another namespace.`,
        },
        {
          expression: `!variables.isAgent || ${ACCOUNT} == variables.agent`,
          message: `An agent runs as the service account of its own name, which its SPIFFE ID comes from. Set serviceAccountName to the value of ${LABELS.agent}.`,
          messageExpression: `"An agent runs as the service account of its own name, which its SPIFFE ID comes from. Set serviceAccountName to " + variables.agent + ", the value of ${LABELS.agent}; it is " + ${ACCOUNT} + "."`,
        },
        {
          expression: `!variables.isDns || ${ACCOUNT} == variables.component`,
          message: `The label of the workspace's DNS server belongs to its service account. Set serviceAccountName to the value of ${LABELS.component}.`,
        },
      ],
    });
    new Guard(this, 'workspace', {
      mode: platform.guards,
      name: 'agent-workspace',
      requests,
      // One binding a namespace, not one map of all in CEL, whose expressions may not exceed 100,000 characters.
      bindings: namespaces.map((namespace) => ({
        suffix: namespace,
        namespaces: [namespace],
        labels: [
          { key: LABELS.workspace, operator: 'Exists' },
          { key: LABELS.workspace, operator: 'NotIn', values: workspacesIn(platform, namespace) },
        ],
      })),
      refusals: [
        {
          expression: 'false',
          message: `The pod's ${LABELS.workspace} names no workspace of this namespace. Set it to the one that the platform stack places here (portarium:workspaces).`,
          messageExpression: `"The label ${LABELS.workspace}=" + ${label(LABELS.workspace)} + " names no workspace of the namespace " + request.namespace + ". Set it to the one that the platform stack places here (portarium:workspaces)."`,
        },
      ],
    });
  }
}
