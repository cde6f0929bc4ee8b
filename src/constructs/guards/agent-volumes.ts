import { Construct } from 'constructs';
import { SPIRE_SOCKETS } from '../../model/spire.js';
import { callerIs, literal } from './cel.js';
import { Guard, type GuardFamilyProps } from './guard.js';
import { agentNamespaces } from './scope.js';

/** Kinds of volume that lead nowhere by themselves. `hostPath` is refused by `HostAccess`, with its own reason. */
const KINDS = [
  'configMap',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'hostPath',
  'persistentVolumeClaim',
  'projected',
  'secret',
];

/**
 * Drivers whose volumes may stand in an agent's pod: SPIRE's (see `SvidVolumes`), and the one that brings secrets, where
 * Vault decides which.
 */
const DRIVERS = [SPIRE_SOCKETS.csiDriver, 'secrets-store.csi.k8s.io'];

const BINDERS = ['system:kube-controller-manager', 'system:serviceaccount:kube-system:persistent-volume-binder'];

/**
 * What an agent writes to a volume goes by the node's network, which no policy of the pod covers, and to whoever mounts
 * the same. So volumes come from a list of kinds and drivers (no NFS, SMB, buckets), and claims are for one node and bound
 * by the cluster: neither shared (`ReadWriteMany`) nor to a volume of somebody's choice. What a storage class keeps its
 * volumes in is its administrator's.
 *
 * Makes `portarium-guard-agent-volumes` and `portarium-guard-agent-claims`. Closes B27 and part of T19.
 */
export class AgentVolumes extends Construct {
  constructor(scope: Construct, id: string, { platform }: GuardFamilyProps) {
    super(scope, id);
    const bindings = [{ namespaces: agentNamespaces(platform) }];
    new Guard(this, 'volumes', {
      mode: platform.guards,
      name: 'agent-volumes',
      requests: [{ operations: ['CREATE'], resources: ['pods'] }],
      bindings,
      refusals: [
        {
          expression:
            `object.spec.?volumes.orValue([]).all(volume, volume.?csi.?driver.orValue("") in ${literal(DRIVERS)} || ` +
            `${KINDS.map((kind) => `has(volume.${kind})`).join(' || ')})`,
          message:
            `Agents' volumes are of the kinds ${KINDS.filter((kind) => kind !== 'hostPath').join(', ')}, or of the CSI drivers ${DRIVERS.join(', ')}: ` +
            "others go by the node's network, past the network policies. Remove the volume.",
        },
      ],
    });
    new Guard(this, 'claims', {
      mode: platform.guards,
      name: 'agent-claims',
      requests: [{ operations: ['CREATE', 'UPDATE'], resources: ['persistentvolumeclaims'] }],
      bindings,
      refusals: [
        {
          // Fixed afterwards, so that an older claim can still go.
          expression:
            'request.operation != "CREATE" || object.spec.?accessModes.orValue([]).all(mode, mode in ["ReadWriteOnce", "ReadWriteOncePod"])',
          message:
            'A claim in a namespace of agents is for one node: what several mount, an agent tells others by. Use ReadWriteOnce or ReadWriteOncePod.',
        },
        {
          expression:
            'request.operation == "CREATE" ? object.spec.?volumeName.orValue("") == "" && !has(object.spec.selector) : ' +
            `object.spec.?volumeName.orValue("") == oldObject.spec.?volumeName.orValue("") || ${callerIs(...BINDERS)}`,
          message:
            'A claim in a namespace of agents names no volume: it may be kept anywhere. Remove volumeName and selector, and let the storage class make one.',
        },
      ],
    });
  }
}
