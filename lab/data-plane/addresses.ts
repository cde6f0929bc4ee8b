import { labNetwork } from '../control-plane.js';

/** Addresses of the data plane, all inside namespaces that no link leads out of; those of the cluster fit the sample stacks. */
export const addresses = {
  node: '10.0.0.10',
  /** The other end of the node's only link; answers for everything below. */
  gateway: '10.0.0.1',
  otherNode: '10.0.0.11',
  podCidr: '10.244.0.0/24',
  otherPodCidr: '10.244.1.0/24',
  clusterCidr: '10.0.0.0/8',
  /** What the sample platform says of the API server. A relay to the lab's own stands there. */
  apiServer: labNetwork.advertisedApiServer,
  apiServerPort: 6443,
  metadata: '169.254.169.254',
  /** Those of clouds that have theirs elsewhere. */
  metadataElsewhere: ['168.63.129.16', '100.100.100.200'],
  /** Public by the policies' own account, unlike the ranges for documentation. */
  systemOfRecord: '11.203.113.10',
  resolver: '8.8.8.8',
  documentation: '203.0.113.10',
  /** What the sample platform says of its identity provider. */
  identityProvider: '192.0.2.10',
  /** Servers that `enforce verify` tries as the internet. */
  internet: '1.1.1.1',
  /** The same by IPv6. */
  node6: 'fd00:10::10',
  gateway6: 'fd00:10::1',
  podCidr6: 'fd00:10:244::/112',
  otherPodCidr6: 'fd00:10:244:1::/112',
  clusterCidr6: 'fd00::/8',
  metadata6: 'fd00:ec2::254',
  systemOfRecord6: '2600:113::10',
  resolver6: '2001:4860:4860::8888',
  documentation6: '2001:db8::10',
  internet6: '2606:4700:4700::1111',
} as const;

/** What the world outside the node answers for, apart from the API server's addresses. */
export const worldAddresses: readonly string[] = [
  addresses.otherNode,
  addresses.metadata,
  ...addresses.metadataElsewhere,
  addresses.systemOfRecord,
  addresses.resolver,
  addresses.documentation,
  addresses.identityProvider,
  addresses.internet,
  addresses.metadata6,
  addresses.systemOfRecord6,
  addresses.resolver6,
  addresses.documentation6,
  addresses.internet6,
];
