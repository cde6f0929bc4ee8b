import { NAMESPACE_NAME_LABEL } from '../model/names.js';
import { Field, type KubeObject } from '../prove/kube-object.js';
import { readSelector, selects, type Selector } from '../prove/selector.js';
import { selectsAgents, type Agents } from './agents.js';

/** Whether a policy object has agents as its subject; `undefined`: its kind or its selector is not understood. */
export function tryIsAbout(object: KubeObject, agents: Agents): boolean | undefined {
  const group = object.apiVersion.split('/')[0];
  const namespace = object.metadata?.namespace;
  if (namespace !== undefined && namespace !== agents.namespace) return false;
  const root = Field.of(object);
  if (group === 'networking.k8s.io' && object.kind === 'NetworkPolicy') {
    return selectsAgents(readSelector(root.at('spec').at('podSelector')), agents);
  }
  if (group === 'cilium.io' && /^Cilium(Clusterwide)?NetworkPolicy$/.test(object.kind)) {
    return anyOf(
      [root.at('spec'), ...root.at('specs').items()]
        .filter((spec) => !spec.absent)
        .map((spec) => ofCilium(spec, agents)),
    );
  }
  if (group === 'policy.networking.k8s.io' && /^(Cluster|Admin|BaselineAdmin)NetworkPolicy$/.test(object.kind)) {
    return ofSubject(root.at('spec').at('subject'), agents);
  }
  return undefined;
}

const anyOf = (answers: readonly (boolean | undefined)[]): boolean | undefined =>
  answers.includes(true) ? true : answers.includes(undefined) ? undefined : false;

/** Exactly one of `namespaces` and `pods` (ClusterNetworkPolicy v1alpha2, AdminNetworkPolicy v1alpha1). */
function ofSubject(subject: Field, agents: Agents): boolean | undefined {
  const namespaces = subject.at('namespaces');
  const pods = subject.at('pods');
  if (!namespaces.absent) return selectsNamespace(readSelector(namespaces), agents);
  if (pods.absent) return undefined;
  return (
    selectsNamespace(readSelector(pods.at('namespaceSelector')), agents) &&
    selectsAgents(readSelector(pods.at('podSelector')), agents)
  );
}

/** By the API server's own label; any other may be set by whoever owns the namespace. */
const selectsNamespace = (selector: Selector, { namespace }: Agents): boolean =>
  selector
    .filter(({ key }) => key === NAMESPACE_NAME_LABEL)
    .every((requirement) => selects([requirement], new Map([[NAMESPACE_NAME_LABEL, namespace]])));

const SOURCE = /^(k8s|any)[:.]/;
const NAMESPACE = 'io.kubernetes.pod.namespace';
/** Labels that Cilium makes up for a pod; which values they have is not known here. */
const DERIVED = /^(reserved:|io\.cilium\.|io\.kubernetes\.pod\.)/;

function ofCilium(spec: Field, agents: Agents): boolean | undefined {
  // A policy for nodes selects no pod.
  if (!spec.at('nodeSelector').absent) return false;
  if (spec.at('endpointSelector').absent) return undefined;
  const selector = readSelector(spec.at('endpointSelector')).map((requirement) => ({
    ...requirement,
    key: requirement.key.replace(SOURCE, ''),
  }));
  const inNamespace = selector
    .filter(({ key }) => key === NAMESPACE)
    .every((requirement) => selects([requirement], new Map([[NAMESPACE, agents.namespace]])));
  return (
    inNamespace &&
    selectsAgents(
      selector.filter(({ key }) => !DERIVED.test(key)),
      agents,
    )
  );
}
