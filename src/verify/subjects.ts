import { NAMESPACE_NAME_LABEL } from '../model/names.js';
import type { KubeObject } from '../prove/kube-object.js';
import { isEvaluated, readPolicies } from '../prove/policies/read.js';
import { selects, type Selector } from '../prove/selector.js';
import { selectsAgents, type Agents } from './agents.js';

/**
 * Whether a policy object has agents as its subject, as the prover reads it; `undefined`: its kind is not read.
 *
 * @throws UnreadableObjectError for what the API server, or the plugin, would refuse
 */
export function tryIsAbout(object: KubeObject, agents: Agents): boolean | undefined {
  const namespace = object.metadata?.namespace;
  if (namespace !== undefined && namespace !== agents.namespace) return false;
  if (!isEvaluated(object)) return undefined;
  return readPolicies([object]).policies.some(
    ({ subject }) => selectsNamespace(subject.namespaces, agents) && selectsAgents(subject.pods, agents),
  );
}

/** By the API server's own label; any other may be set by whoever owns the namespace. */
const selectsNamespace = (selector: Selector, { namespace }: Agents): boolean =>
  selector
    .filter(({ key }) => key === NAMESPACE_NAME_LABEL)
    .every((requirement) => selects([requirement], new Map([[NAMESPACE_NAME_LABEL, namespace]])));
