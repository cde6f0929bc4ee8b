import { AGENT_ROLE, LABELS, NAMESPACE_NAME_LABEL, PROBE } from '../../model/names.js';
import { agentDns } from '../../model/workspace.js';
import { classOf, podsIn } from '../classes/pod-class.js';
import type { PodClass } from '../classes/pod-class.js';
import { SERVICE_ACCOUNT } from '../policies/policy.js';
import type { Requirement } from '../selector.js';
import { guard } from './settle.js';

/** What of the platform decides which pods its guards let be in a namespace of agents. */
export interface PodFacts {
  /** Every workspace of the platform; a namespace of none is one that no guard binds in. */
  readonly workspaces: readonly { readonly id: string; readonly namespace: string }[];
  /** Service accounts that the workspaces' WorkspacePolicies list; a workspace without an entry has no policy. */
  readonly agents: readonly { readonly workspace: string; readonly serviceAccount: string }[];
  /** Each workspace has a DNS server of its own beside its agents. */
  readonly agentDns: boolean;
  /** As `guardsInForce` gives them. */
  readonly guards: ReadonlySet<string>;
  /** Pods that are there already; guards have not judged those that are older. @default none */
  readonly pods?: readonly ExistingPod[];
}

export interface ExistingPod {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly serviceAccount: string;
}

/** What keeps a pod in its shape, from its creation on (bypasses B2, B16, B17). */
const SHAPE = ['agent-pods', 'agent-workspace', 'label-changes'].map(guard);

const IDENTITY = [LABELS.role, LABELS.workspace, LABELS.agent, LABELS.component];

/**
 * The pods that could be in a namespace: all of them, unless the guards hold their shape. Then a pod is an agent of a
 * workspace of that namespace, or the DNS server of one; and where `agent-accounts` is in force, an agent is one that a
 * WorkspacePolicy lists, under its own service account. Where labels can still be changed later, nothing holds.
 *
 * Labels that no guard speaks of may be anything. The API server takes an empty label for no label at all in these
 * guards, so both are admitted.
 */
export function admissible(facts: PodFacts, namespace: string): readonly PodClass[] {
  const { workspaces, guards, agentDns: withDns, pods = [] } = facts;
  const ids = workspaces.filter((workspace) => workspace.namespace === namespace).map(({ id }) => id);
  if (ids.length === 0 || !SHAPE.every((name) => guards.has(name))) return [podsIn(namespace)];
  const shapes = ids.flatMap((id) => [...agentsOf(facts, id), ...(withDns ? [dnsOf(id)] : [])]);
  const there = pods.filter((pod) => pod.namespace === namespace).map(shapeOf);
  return [...shapes.flatMap(withEmptyLabels), ...there].flatMap(
    (shape) => classOf([is(NAMESPACE_NAME_LABEL, namespace)], shape) ?? [],
  );
}

type Shape = readonly Requirement[];

const is = (key: string, ...values: readonly string[]): Requirement => ({
  key,
  operator: 'In',
  values: new Set(values),
});
const some = (key: string): Requirement => ({ key, operator: 'NotIn', values: new Set(['']) });
const exists = (key: string): Requirement => ({ key, operator: 'Exists', values: new Set() });
const none = (key: string): Requirement => ({ key, operator: 'DoesNotExist', values: new Set() });

function agentsOf({ agents, guards }: PodFacts, workspace: string): readonly Shape[] {
  const agent = [is(LABELS.role, AGENT_ROLE), is(LABELS.workspace, workspace), none(LABELS.component)];
  if (!guards.has(guard('agent-accounts'))) return [[...agent, exists(LABELS.agent), some(LABELS.agent)]];
  // The probe is admitted beside them, as nobody's agent (guard `probe-pods`).
  return [...agents.filter((declared) => declared.workspace === workspace), { serviceAccount: PROBE }].map(
    ({ serviceAccount: name }) => [...agent, is(LABELS.agent, name), is(SERVICE_ACCOUNT, name)],
  );
}

const dnsOf = (workspace: string): Shape => [
  none(LABELS.role),
  none(LABELS.agent),
  is(LABELS.workspace, workspace),
  is(LABELS.component, agentDns(workspace)),
  is(SERVICE_ACCOUNT, agentDns(workspace)),
];

/** The shape, and each in which a label that must not be there is there and empty. */
const withEmptyLabels = (shape: Shape): readonly Shape[] =>
  shape.reduce<readonly Shape[]>(
    (shapes, each) =>
      shapes.flatMap((before) =>
        each.operator === 'DoesNotExist'
          ? [
              [...before, each],
              [...before, is(each.key, '')],
            ]
          : [[...before, each]],
      ),
    [[]],
  );

/** Every pod with the identity of one that is there; its other labels may change. */
const shapeOf = ({ labels, serviceAccount }: ExistingPod): Shape => [
  is(SERVICE_ACCOUNT, serviceAccount),
  ...IDENTITY.map((key) => {
    const value = labels[key];
    return value === undefined ? none(key) : is(key, value);
  }),
];
