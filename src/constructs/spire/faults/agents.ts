import { SPIRE_BUNDLE, SPIRE_SOCKETS } from '../../../model/spire.js';
import { containerOf, DRIVER_IMAGE, show, tryCluster, tryPlugin, volumeOf, type Rendered } from './rendered.js';
import { may } from './rights.js';

type Faults = readonly (string | false | undefined)[];

interface Attestation {
  readonly service_account_allow_list?: readonly string[];
  readonly audience?: readonly string[];
}

/** The token that an agent attests with: its audience on three sides, its path on two, and who may present one. */
export function attestation({ server, agent, agentPod }: Rendered): Faults {
  const psat = tryPlugin<{ cluster?: string; token_path?: string }>(agent, 'NodeAttestor', 'k8s_psat');
  const cluster = tryCluster<Attestation>(tryPlugin(server, 'NodeAttestor', 'k8s_psat'), psat?.cluster);
  const path = psat?.token_path ?? '';
  const file = path.slice(path.lastIndexOf('/') + 1);
  const token = volumeOf(agentPod, path)
    ?.projected?.sources?.map(({ serviceAccountToken }) => serviceAccountToken)
    .find((each) => each?.path === file);
  const account = `${agentPod?.object.metadata.namespace}:${agentPod?.spec.serviceAccountName}`;
  return [
    psat === undefined && 'agents do not attest by k8s_psat.',
    cluster === undefined && `the server knows no cluster ${show(psat?.cluster)}, by which the agents attest.`,
    token === undefined && `no projected token of the agents’ pod is at ${show(path)}.`,
    show([token?.audience]) !== show(cluster?.audience) &&
      `the agents’ token is for ${show(token?.audience)}, the server takes ${show(cluster?.audience)}.`,
    show(cluster?.service_account_allow_list) !== show([account]) &&
      `the server lets ${show(cluster?.service_account_allow_list)} act as agents of nodes; it must be ${account} alone.`,
  ];
}

interface Published {
  readonly namespace: string;
  readonly configmap_name: string;
  readonly configmap_key: string;
  readonly format: string;
}

/** The trust bundle: what the server publishes is what the agents start with. */
export function bundle({ server, agent, agentPod, objects }: Rendered): Faults {
  const { trust_bundle_path: path, trust_bundle_format: format, insecure_bootstrap: insecure } = agent?.agent ?? {};
  const published = tryCluster<Published>(tryPlugin(server, 'BundlePublisher', 'k8s_configmap'));
  const isMounted =
    volumeOf(agentPod, path ?? '')?.configMap?.name === published?.configmap_name &&
    path?.endsWith(`/${published?.configmap_key}`) === true &&
    published?.namespace === agentPod?.object.metadata.namespace;
  return [
    path === undefined && 'agents have no trust_bundle_path, without which they do not start.',
    insecure === true && 'agents trust whatever server answers first (insecure_bootstrap).',
    published === undefined && 'the server publishes no bundle for its agents.',
    published !== undefined &&
      format !== published.format &&
      `agents read the bundle as ${show(format)}, it is published as ${show(published.format)}.`,
    published !== undefined &&
      !isMounted &&
      `agents do not mount the ConfigMap ${published.namespace}/${published.configmap_name} that the bundle is published to.`,
    objects.some(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === SPIRE_BUNDLE.configMap) &&
      `the ConfigMap ${SPIRE_BUNDLE.configMap} is rendered; it is the server’s, and agents do not start with an empty one.`,
    agent?.agent?.rebootstrap_mode !== 'always' &&
      'agents would not recover from the loss of the CA; set rebootstrap_mode.',
  ];
}

/** One directory of the node for the agent, the CSI driver and workloads. */
export function sockets({ agent, agentPod, driverPod }: Rendered): Faults {
  const { hostDir, file, csiDriver } = SPIRE_SOCKETS;
  const path = agent?.agent?.socket_path ?? '';
  const ofAgent = volumeOf(agentPod, path)?.hostPath?.path;
  const args = containerOf(driverPod, DRIVER_IMAGE)?.args ?? [];
  const given = (flag: string): string | undefined => args[args.indexOf(flag) + 1];
  const ofDriver = volumeOf(driverPod, `${given('-workload-api-socket-dir')}/`)?.hostPath?.path;
  return [
    !path.endsWith(`/${file}`) && `the agents’ socket is ${show(path)}, workloads look for ${file}.`,
    ofAgent !== hostDir && `the agents’ socket is in ${show(ofAgent)} of the node, not in ${hostDir}.`,
    ofDriver !== hostDir && `the CSI driver shows ${show(ofDriver)} of the node, not ${hostDir}.`,
    given('-plugin-name') !== csiDriver && `the CSI driver is not named ${csiDriver}.`,
  ];
}

/** Who says what a process is: the node's own kubelet, verified. */
export function kubelet({ objects, agent, agentPod }: Rendered): Faults {
  const attestor = tryPlugin<{
    skip_kubelet_verification?: boolean;
    kubelet_read_only_port?: number;
    node_name_env?: string;
  }>(agent, 'WorkloadAttestor', 'k8s');
  const variable = attestor?.node_name_env ?? 'MY_NODE_NAME';
  const env = agentPod?.spec.containers.flatMap((container) => container.env ?? []) ?? [];
  const reads = (resource: string): boolean => may(objects, agentPod, { verb: 'get', group: '', resource });
  return [
    attestor?.skip_kubelet_verification !== false && 'agents do not verify the kubelet.',
    attestor?.kubelet_read_only_port !== undefined &&
      'agents ask the kubelet’s read-only port, which authenticates nobody.',
    !env.some(({ name }) => name === variable) && `no ${variable} tells an agent which kubelet is its own.`,
    !reads('nodes/pods') && !reads('nodes/proxy') && 'the agents’ account may not read the kubelet’s list of pods.',
  ];
}
