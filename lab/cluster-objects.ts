import { labNetwork } from './control-plane.js';

/** A node that kwok plays. It names its own address and pod range, so that neither depends on the order of creation. */
export function node(index: number): object {
  const name = `lab-node-${index + 1}`;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux' } },
    spec: { podCIDR: labNetwork.nodePodCidr(index), podCIDRs: [labNetwork.nodePodCidr(index)] },
    status: {
      addresses: [
        { type: 'InternalIP', address: labNetwork.nodeIp(index) },
        { type: 'Hostname', address: name },
      ],
    },
  };
}

const dnsLabels = { 'k8s-app': 'kube-dns' };

/** Stands in for cluster DNS, at its usual address and with its usual labels: policies select it. */
export const dnsService: object = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'kube-dns', namespace: 'kube-system', labels: dnsLabels },
  spec: {
    clusterIP: labNetwork.dnsServiceIp,
    selector: dnsLabels,
    ports: [
      { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
      { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
    ],
  },
};

export const dnsDeployment: object = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'coredns', namespace: 'kube-system', labels: dnsLabels },
  spec: {
    replicas: 2,
    selector: { matchLabels: dnsLabels },
    template: {
      metadata: { labels: dnsLabels },
      spec: {
        automountServiceAccountToken: false,
        containers: [
          {
            name: 'coredns',
            image: 'coredns',
            ports: [
              { name: 'dns', containerPort: 53, protocol: 'UDP' },
              { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' },
            ],
          },
        ],
      },
    },
  },
};
