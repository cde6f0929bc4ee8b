import type { Level } from '../../model/levels.js';
import { LABELS } from '../../model/names.js';
import { SPIRE_CLASS } from '../../model/spire.js';
import type { KubeObject } from '../kube-object.js';
import type { ClaimVerdict, CounterExample } from './claim.js';
import { templatesIn } from './credentials-pods.js';
import { agentsIn, confusedAgents } from './identity-agents.js';
import { isOurs, isRegistration, registrationFaults } from './identity-registrations.js';
import type { Fault, RegistrationFacts } from './identity-registrations.js';
import { notBelow } from './prove.js';
import { guard, guardsMissing, isClaimedAt, settle } from './settle.js';
import { titleOf } from './write-access-rbac.js';

export interface IdentityInput extends RegistrationFacts {
  /** WorkspacePolicies, registrations of SPIRE, Pods and whatever makes pods. */
  readonly objects: readonly KubeObject[];
  /** Whether the objects are all of their kinds that there are, as those of a cluster. */
  readonly complete: boolean;
  /** As `guardsInForce` gives them. */
  readonly guards: ReadonlySet<string>;
  /** Absent: the claim is made. */
  readonly level?: Level;
}

/** Who may become whom without these, each as the end of “without it, …”. */
export const IDENTITY_GUARDS: Readonly<Record<string, string>> = {
  [guard('agent-pods')]: 'a pod may run as another agent’s service account than the one it is labelled with',
  [guard('agent-workspace')]: 'a pod may be labelled as an agent of another namespace’s workspace',
  [guard('agent-accounts')]: 'an agent may run that no WorkspacePolicy lists',
  [guard('label-changes')]: 'a running pod may become another agent by its labels',
  [guard('peer-labels')]: 'any pod may carry the labels of a component and be taken for it',
  [guard('svid-volumes')]: 'any pod of the platform may ask SPIRE for an SVID',
  [guard('sidecar-agents')]: 'an agent’s own container may be the one that gets the SVID',
  [guard('sidecar-workers')]: 'a worker’s own container may be the one that gets the SVID',
  [guard('sidecar-front')]: 'the control plane may be asked without the front’s Envoy and authorizer',
  [guard('sidecar-files')]: 'whoever writes ConfigMaps decides what a sidecar does with its SVID',
  [guard('spire-pods')]: 'a pod may run as SPIRE’s server or agent and get every SVID',
  [guard('spire-workloads')]: 'whoever writes DaemonSets may change SPIRE’s agents and get every SVID',
  [guard('spire-tokens')]: 'whoever asks for a token of SPIRE’s accounts gets every SVID',
  [guard('agent-tokens')]: 'an agent may hold a token for the Kubernetes API',
  [guard('token-requests')]: 'whoever asks for a token of an agent’s service account is that agent',
  [guard('token-secrets')]: 'a Secret may hold a token of an agent that never expires',
  [guard('probe-pods')]: 'whoever calls a pod the probe runs what they like among agents, without a sidecar',
  [guard('agent-rights')]: 'an agent’s service account may be given rights in the Kubernetes API',
  [guard('node-proxy')]: 'whoever reaches a kubelet through the API server enters a running agent',
  [guard('interactive-access')]: 'whoever enters a running agent is that agent',
  'portarium-spire-registrations': 'whoever writes a registration gets the SVID of any agent',
  'portarium-workspacepolicy-write': 'whoever writes a WorkspacePolicy declares agents of any namespace',
};

/**
 * Claim I: nobody becomes another’s SVID, token or agent. Each agent has a service account of its own; SPIRE registers
 * pods by namespace, labels and the one container that guards hold, as themselves and as nobody else; and the guards
 * that tie labels, accounts, tokens and sidecars to each other are in force. Throws UnreadableObjectError.
 */
export function proveIdentity(input: IdentityInput): ClaimVerdict {
  const { objects, complete, guards, level, workspaces, trustDomain } = input;
  if (!isClaimedAt(level, 'I')) return notBelow('I');
  const agents = agentsIn(objects);
  const registrations = objects.filter(isRegistration);
  const ours = registrations.filter(isOurs);
  const templates = templatesIn(objects, new Set(workspaces.map(({ namespace }) => namespace)));
  const foreign = templates.filter(
    ({ labels, serviceAccount }) => labels.has(LABELS.agent) && labels.get(LABELS.agent) !== serviceAccount,
  );
  const missing = Object.entries(IDENTITY_GUARDS).filter(([name]) => !guards.has(name));
  const unlisted = workspaces.filter(({ id }) => !agents.some(({ workspace }) => workspace === id));
  return settle('I', {
    argument: [
      `${agents.length} agents of ${workspaces.length} workspaces, each with a service account and a SPIFFE ID of its own`,
      `${ours.length} registrations of the class ${SPIRE_CLASS}, each of a namespace by name, of pods by labels and of one container`,
      `${Object.keys(IDENTITY_GUARDS).length} guards that tie labels, accounts, tokens and sidecars to each other`,
    ],
    counterExamples: [
      ...confusedAgents(agents, trustDomain),
      ...foreign.map(({ object, field, serviceAccount, labels }): CounterExample => ({
        cause: 'shared-account',
        summary: `pods of ${object} are labelled ${labels.get(LABELS.agent)} and run as ${serviceAccount}, as whom SPIRE and the front know them`,
        objects: [],
        because: [{ object, field: `${field}.serviceAccountName` }],
        fix: `Set serviceAccountName to the value of ${LABELS.agent}.`,
      })),
      ...ours.flatMap((each) => registrationFaults(each, input)).map(faultExample),
      ...missing.map(([name, without]) => guardsMissing([name], `without the guard ${name} ${without}`)),
    ],
    reasons: [
      ...(workspaces.length === 0 ? ['there is no workspace'] : []),
      ...(ours.length === 0
        ? [`no registration of the class ${SPIRE_CLASS} was read: who gets an SVID is not known`]
        : []),
      ...registrations
        .filter((each) => !isOurs(each))
        .map(
          (each) =>
            `${titleOf(each)} is of another class than ${SPIRE_CLASS}: which SPIRE server heeds it is not known`,
        ),
      ...(complete
        ? []
        : unlisted.map(({ id }) => `the WorkspacePolicy of ${id} was not read, nor who its agents are`)),
    ],
    assumptions: [
      {
        assumed: 'the front’s authorizer demands that SVID, token subject, agentId and workspace are one agent’s',
        checkedBy: 'enforce verify: calls with an SVID, a token or a body of another agent, at the listener agents',
      },
      {
        assumed: 'SPIRE attests containers by what the kubelet says, and only its server’s own API makes registrations',
        checkedBy: 'enforce verify: entries of the server that no registration stands for',
      },
      {
        assumed: 'no pod is older than the guards',
        checkedBy: 'enforce plan: a dry-run copy of each live pod',
      },
    ],
  });
}

const faultExample = ({ object, field, problem }: Fault): CounterExample => ({
  cause: 'registration',
  summary: `${titleOf(object)}: ${problem}`,
  objects: [],
  because: [{ object: titleOf(object), field }],
  fix: 'Deploy the platform’s stack, which renders every registration of its class, and delete what it does not render.',
});
