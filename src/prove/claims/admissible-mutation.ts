import { NAMESPACE_NAME_LABEL } from '../../model/names.js';
import { boxOf, boxWith, isIn, meet } from '../classes/label-box.js';
import { Field } from '../kube-object.js';
import type { KubeObject } from '../kube-object.js';
import { describe } from '../not-evaluated.js';
import type { NotEvaluated } from '../not-evaluated.js';
import { readSelector } from '../selector.js';

const WATCHED = [
  ...['pods', 'deployments', 'replicasets', 'statefulsets', 'daemonsets', 'jobs', 'cronjobs'],
  ...['networkpolicies', 'ciliumnetworkpolicies'],
];
const CLUSTER_WIDE = ['namespaces', 'clusternetworkpolicies', 'ciliumclusterwidenetworkpolicies'];

/**
 * Mutating admission that may change pods, network policies or namespaces on their way in. Guards judge what comes out,
 * so that no pod gets another shape by it; but what runs in a pod of the platform, and what a policy beside it opens, is
 * then up to whoever mutates, which is not evaluated.
 *
 * @param namespaces whose pods and policies count, the agents' and the platform's
 */
export function mutationsNotEvaluated(
  objects: readonly KubeObject[],
  namespaces: readonly string[],
): readonly NotEvaluated[] {
  const selects = (selector: Field): boolean =>
    namespaces.some((namespace) => selectsNamespace(objects, selector, namespace));
  return objects.flatMap((object) => {
    const root = Field.of(object);
    if (object.kind === 'MutatingWebhookConfiguration') {
      const hooks = root
        .at('webhooks')
        .items()
        .filter((hook) => matches(hook.at('rules'), () => selects(hook.at('namespaceSelector'))));
      return hooks.length === 0 ? [] : [describe(object, REASON)];
    }
    if (object.kind === 'MutatingAdmissionPolicy') {
      const constraints = root.at('spec').at('matchConstraints');
      const may = matches(constraints.at('resourceRules'), () => selects(constraints.at('namespaceSelector')));
      return may ? [describe(object, REASON)] : [];
    }
    return [];
  });
}

const REASON = 'may change pods, network policies or namespaces on their way in, which is not evaluated';

function matches(rules: Field, selectsNamespaces: () => boolean): boolean {
  const resources = rules.items().flatMap((rule) =>
    rule
      .at('resources')
      .items()
      .map((each) => each.text()),
  );
  const plain = resources.map((resource) => resource.replace(/\/\*$/, ''));
  if (plain.includes('*')) return true;
  // Selectors by namespace say nothing of a namespace's own name, and nothing of what has none.
  if (plain.some((resource) => CLUSTER_WIDE.includes(resource))) return true;
  return plain.some((resource) => WATCHED.includes(resource)) && selectsNamespaces();
}

/** By the labels that the namespace has; of one that is not among the objects only its name is known. */
function selectsNamespace(objects: readonly KubeObject[], selector: Field, namespace: string): boolean {
  const box = boxOf(readSelector(selector));
  if (box === undefined) return false;
  const known = objects.filter(({ kind, metadata }) => kind === 'Namespace' && metadata?.name === namespace);
  if (known.length === 0) return meet(box, boxWith({ [NAMESPACE_NAME_LABEL]: namespace })) !== undefined;
  return known.some((each) => {
    const labels = Field.of(each).at('metadata').at('labels').labels();
    return isIn(box, new Map([...labels, [NAMESPACE_NAME_LABEL, namespace]]));
  });
}
