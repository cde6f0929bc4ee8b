import { SPIRE_SOCKETS } from '../../../model/spire.js';
import { show, type Rendered } from './rendered.js';

/** What the namespaces admit, and what of the node the pods get. */
export function placement({
  objects,
  agentPod,
  driverPod,
  serverPod,
}: Rendered): readonly (string | false | undefined)[] {
  const levelOf = (name: string | undefined): string | undefined =>
    objects.find(({ kind, metadata }) => kind === 'Namespace' && metadata.name === name)?.metadata.labels?.[
      'pod-security.kubernetes.io/enforce'
    ];
  const onHost = [agentPod, driverPod].map((pod) => {
    const namespace = pod?.object.metadata.namespace;
    return (
      pod !== undefined &&
      levelOf(namespace) !== 'privileged' &&
      `${pod.object.metadata.name} needs the host, and the namespace ${namespace} does not enforce "privileged" but ${show(levelOf(namespace))}.`
    );
  });
  const serverNamespace = serverPod?.object.metadata.namespace;
  return [
    ...onHost,
    serverPod !== undefined &&
      levelOf(serverNamespace) !== 'restricted' &&
      `the server stands in ${serverNamespace}, which does not enforce "restricted".`,
    agentPod !== undefined && agentPod.spec.hostPID !== true && 'agents cannot see who calls them without hostPID.',
    agentPod?.spec.hostNetwork === true && 'agents are on the host’s network, where no selector knows them.',
    (agentPod?.spec.initContainers?.length ?? 0) > 0 &&
      'something runs before the agent in its pod; what asks for its socket there waits for ever.',
    agentPod?.spec.volumes?.some(({ hostPath }) => hostPath !== undefined && hostPath.path !== SPIRE_SOCKETS.hostDir) &&
      'agents mount more of the host than the directory of their socket.',
  ];
}
