import type { Cluster } from '../../../bridge/cluster.js';
import { roleFor } from '../../../verify/forbidden/candidates.js';
import { permitted, refused, type Attempt, type Family } from './attempt.js';
import { ACME, create } from './objects.js';

const binding = (kind: 'RoleBinding' | 'ClusterRoleBinding', namespace: string) =>
  create(roleFor(kind, { name: ACME.agent, namespace }));

/** By way of the API server, which has no dry run for it. */
const kubelet =
  (path: string): Attempt['send'] =>
  (as: Cluster) =>
    as.subresource('GET', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'lab-node-1' } }, `proxy/${path}`);

const RIGHTS = 'portarium-guard-agent-rights';
const NODE_PROXY = 'portarium-guard-node-proxy';

export const rights: Family = {
  title: 'the Kubernetes API for agents',
  attempts: [
    permitted('platform-deployer', 'a role for an account elsewhere', binding('RoleBinding', 'default')),
    refused(RIGHTS, 'platform-deployer', 'a role for an agent', binding('RoleBinding', ACME.namespace)),
    refused(
      RIGHTS,
      'platform-deployer',
      'a role of the cluster for an agent',
      binding('ClusterRoleBinding', ACME.namespace),
    ),
    refused(NODE_PROXY, 'mallory', 'exec in any pod of a node', kubelet('run/default/any/main')),
    refused(NODE_PROXY, 'mallory', 'the logs of any pod of a node', kubelet('containerLogs/default/any/main')),
  ],
};
