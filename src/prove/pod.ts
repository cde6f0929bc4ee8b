import { parseAddress } from '../model/addresses.js';
import type { Address } from '../model/addresses.js';
import { Field } from './kube-object.js';
import type { KubeObject } from './kube-object.js';
import { NO_PORTS, portRange, union } from './ports.js';
import type { PortSet, Protocol } from './ports.js';
import { SERVICE_ACCOUNT } from './policies/policy.js';
import type { NamedPort } from './policies/policy.js';
import type { Labels } from './selector.js';

/** A pod that runs or will run. */
export interface Pod {
  readonly namespace: string;
  readonly name: string;
  /** What the pod belongs to, as `ns/name[Kind]`: its Deployment, StatefulSet, CronJob …, or itself. */
  readonly workload: string;
  /** With its service account as {@link SERVICE_ACCOUNT}. */
  readonly labels: Labels;
  /** Empty until the pod has one: then only rules that go by labels count for it. */
  readonly addresses: readonly Address[];
  /** Shares its node's network: policies do not select it, and its addresses are the node's. */
  readonly hostNetwork: boolean;
  /** Addresses of the node it stands on. */
  readonly nodeAddresses: readonly Address[];
  /** Named container ports. */
  readonly ports: readonly (NamedPort & { readonly port: number })[];
  /** Attached to networks that no NetworkPolicy governs (Multus). */
  readonly secondaryNetworks: boolean;
}

/** @returns undefined for a pod that has ended (Succeeded, Failed): it sends and receives nothing, and its address may be another's */
export function readPod(object: KubeObject, workload: string): Pod | undefined {
  const field = Field.of(object);
  const [metadata, spec, status] = [field.at('metadata'), field.at('spec'), field.at('status')];
  if (['Succeeded', 'Failed'].includes(status.at('phase').optionalText() ?? '')) return undefined;
  return {
    namespace: metadata.at('namespace').optionalText() ?? 'default',
    name: metadata.at('name').text(),
    workload,
    labels: new Map([
      ...metadata.at('labels').labels(),
      [SERVICE_ACCOUNT, spec.at('serviceAccountName').optionalText() ?? 'default'],
    ]),
    addresses: readAddresses(status, 'podIPs', 'podIP'),
    hostNetwork: spec.at('hostNetwork').value === true,
    nodeAddresses: readAddresses(status, 'hostIPs', 'hostIP'),
    ports: readNamedPorts(spec),
    secondaryNetworks: metadata.at('annotations').labels().has('k8s.v1.cni.cncf.io/networks'),
  };
}

function readAddresses(status: Field, list: 'podIPs' | 'hostIPs', single: 'podIP' | 'hostIP'): Address[] {
  const listed = status.at(list).items();
  const fields = listed.length > 0 ? listed.map((item) => item.at('ip')) : [status.at(single)];
  return fields.filter((field) => !field.absent && field.value !== '').map((field) => field.parse(parseAddress));
}

/** A port without a number, which the API server refuses, is none that a name can stand for. Also of sidecars, the init containers that keep running, since Services and policies resolve their names too. */
function readNamedPorts(spec: Field): Pod['ports'] {
  const sidecars = spec
    .at('initContainers')
    .items()
    .filter((container) => container.at('restartPolicy').value === 'Always');
  return [...spec.at('containers').items(), ...sidecars]
    .flatMap((container) => container.at('ports').items())
    .filter((port) => !port.at('name').absent && !port.at('containerPort').absent)
    .map((port) => ({
      name: port.at('name').text(),
      protocol: port.at('protocol').absent ? 'TCP' : port.at('protocol').oneOf('TCP', 'UDP', 'SCTP'),
      port: port.at('containerPort').port(),
    }));
}

/** The numbers a name stands for on this pod; several containers may use one name. */
export function portNumbers(pod: Pod, protocol: Protocol, name: string): number[] {
  return pod.ports.filter((port) => port.name === name && port.protocol === protocol).map(({ port }) => port);
}

/** Named ports resolved on the destination pod; outside the cluster (`undefined`) a name stands for no port. */
export function resolvePorts(named: readonly NamedPort[], destination: Pod | undefined): PortSet {
  if (destination === undefined || named.length === 0) return NO_PORTS;
  const ports = named.flatMap(({ protocol, name }) =>
    portNumbers(destination, protocol, name).map((port) => portRange(protocol, port)),
  );
  return union(...ports, NO_PORTS);
}
