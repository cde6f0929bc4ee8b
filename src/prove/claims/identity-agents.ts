import { spiffeId } from '../../model/identity.js';
import { API_GROUP } from '../../model/names.js';
import { Field } from '../kube-object.js';
import type { KubeObject } from '../kube-object.js';
import type { CounterExample } from './claim.js';
import { titleOf } from './write-access-rbac.js';

/** One agent as its WorkspacePolicy or the stack's config has it. */
export interface DeclaredAgent {
  readonly workspace: string;
  readonly namespace: string;
  readonly name: string;
  readonly serviceAccount: string;
  readonly spiffeId: string;
  /** Where it is declared: `WorkspacePolicy portarium-policy/ws-acme`, and the field. */
  readonly object: string;
  readonly field: string;
}

/** The agents that the WorkspacePolicies among the objects list. Throws UnreadableObjectError. */
export const agentsIn = (objects: readonly KubeObject[]): readonly DeclaredAgent[] =>
  objects
    .filter(({ apiVersion, kind }) => kind === 'WorkspacePolicy' && apiVersion.startsWith(`${API_GROUP}/`))
    .flatMap((policy) => {
      const spec = Field.of(policy).at('spec');
      return spec
        .at('agents')
        .items()
        .map((agent, i) => ({
          workspace: spec.at('workspaceId').text(),
          namespace: spec.at('namespace').text(),
          name: agent.at('name').text(),
          serviceAccount: agent.at('serviceAccount').text(),
          spiffeId: agent.at('spiffeId').text(),
          object: titleOf(policy),
          field: `spec.agents[${i}]`,
        }));
    });

/**
 * Agents that could be taken for each other: two with one service account or one SPIFFE ID, and one whose SPIFFE ID or
 * service account is not its own. Names are unique across workspaces, since a token names the agent alone.
 */
export function confusedAgents(agents: readonly DeclaredAgent[], trustDomain: string): readonly CounterExample[] {
  const shared = (cause: string, what: string, key: (agent: DeclaredAgent) => string): readonly CounterExample[] =>
    [...Map.groupBy(agents, key)]
      .filter(([, all]) => all.length > 1)
      .map(([value, all]) => ({
        cause,
        summary: `${all.map(({ workspace, name }) => `${workspace}/${name}`).join(' and ')} have one ${what}, ${value}: each is the other`,
        objects: [],
        because: all.map(({ object, field }) => ({ object, field })),
        fix: 'Give each agent a name, a service account and a SPIFFE ID of its own (portarium:agents).',
      }));
  const foreign = agents.filter(
    (agent) =>
      agent.serviceAccount !== agent.name || agent.spiffeId !== spiffeId(agent.namespace, agent.name, trustDomain),
  );
  return [
    ...shared('shared-account', 'service account', (agent) => `${agent.namespace}/${agent.serviceAccount}`),
    ...shared('shared-name', 'name', ({ name }) => name),
    ...shared('shared-spiffe-id', 'SPIFFE ID', (agent) => agent.spiffeId),
    ...foreign.map((agent): CounterExample => ({
      cause: 'foreign-identity',
      summary: `the agent ${agent.workspace}/${agent.name} is declared with the service account ${agent.serviceAccount} and the SPIFFE ID ${agent.spiffeId}, which are not its own`,
      objects: [],
      because: [{ object: agent.object, field: agent.field }],
      fix: `Set serviceAccount to ${agent.name} and spiffeId to ${spiffeId(agent.namespace, agent.name, trustDomain)}; the stack renders both.`,
    })),
  ];
}
