import { NAMESPACE_NAME_LABEL } from '../../model/names.js';
import type { PodClass } from '../classes/pod-class.js';
import { Field } from '../kube-object.js';
import type { KubeObject } from '../kube-object.js';
import type { CounterExample, ExamplePacket } from './claim.js';
import { examplePod } from './example.js';
import { guard } from './settle.js';

const ENFORCE = 'pod-security.kubernetes.io/enforce';

/**
 * Pods in the network of their node, which no policy selects (bypass B1): those that admission would let be in a
 * namespace of agents, since neither Pod Security (`baseline` or `restricted`, enforced) nor the guard `host-access`
 * refuses them there, and those that are there already. Counter-examples of claim P.
 *
 * @param objects Namespaces, and Pods where a cluster was read; a namespace that is not among them has no labels
 * @param guards in force, which only bind in namespaces of workspaces
 * @param admissible the pods that admission lets be there, as far as labels go
 */
export function hostNetworkExamples(
  objects: readonly KubeObject[],
  namespaces: readonly { readonly name: string; readonly guarded: boolean }[],
  guards: ReadonlySet<string>,
  admissible: (namespace: string) => readonly PodClass[],
): readonly CounterExample[] {
  const created = namespaces
    .filter(
      ({ name, guarded }) => !(guarded && guards.has(guard('host-access'))) && !enforcesPodSecurity(objects, name),
    )
    .flatMap(({ name }) => admissible(name).slice(0, 1).map(hostPod));
  const names = new Set(namespaces.map(({ name }) => name));
  const there = objects
    .filter(({ kind, metadata }) => kind === 'Pod' && names.has(metadata?.namespace ?? ''))
    .filter((pod) => Field.of(pod).at('spec').at('hostNetwork').value === true)
    .map((pod) => existing(pod.metadata?.namespace ?? '', pod.metadata?.name ?? ''));
  return [...created, ...there];
}

function enforcesPodSecurity(objects: readonly KubeObject[], name: string): boolean {
  const labelled = objects.filter(({ kind, metadata }) => kind === 'Namespace' && metadata?.name === name);
  const profile = (namespace: KubeObject): string | undefined =>
    Field.of(namespace).at('metadata').at('labels').labels().get(ENFORCE);
  return labelled.length > 0 && labelled.every((each) => ['baseline', 'restricted'].includes(profile(each) ?? ''));
}

function hostPod(pods: PodClass): CounterExample {
  const { namespace, name, objects } = examplePod(pods, 'on-the-host');
  return {
    cause: 'host-network',
    summary: `a pod in ${namespace} with hostNetwork reaches everything that its node does, since no policy selects it`,
    objects: objects.map((object) =>
      (object as KubeObject).kind === 'Pod'
        ? { ...object, spec: { ...(object as { spec: object }).spec, hostNetwork: true } }
        : object,
    ),
    packet: packetFrom(`${namespace}/${name}`),
    because: [{ object: `Namespace ${namespace}`, field: `metadata.labels[${ENFORCE}]` }],
    fix: `Label the namespace ${ENFORCE}=restricted (it is found by ${NAMESPACE_NAME_LABEL}), and deploy the guard host-access as a second lock.`,
  };
}

const existing = (namespace: string, name: string): CounterExample => ({
  cause: 'host-network',
  summary: `the pod ${namespace}/${name} is in the network of its node, where no policy selects it`,
  objects: [],
  packet: packetFrom(`${namespace}/${name}`),
  because: [{ object: `Pod ${namespace}/${name}`, field: 'spec.hostNetwork' }],
  fix: 'Delete the pod; nothing in a namespace of agents needs its node.',
});

const packetFrom = (from: string): ExamplePacket => ({ from, to: '8.8.8.8', protocol: 'TCP', port: 443 });
