import type { KubeObject } from '../../../../src/model/kube-object.js';
import { agentPod, OUTSIDE, pod } from '../fixture.js';
import { create, patch, pathOf, type Case } from './case.js';

const own = (source: object) => ({ spec: { volumes: [{ name: 'own', ...source }] } });
const claimedVolume = own({ persistentVolumeClaim: { claimName: 'mine' } });

/** A claim that waits for its first pod. */
export const CLAIM: KubeObject = claim('waiting', 'g-agents', {});

function claim(name: string, namespace: string, spec: object): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'none',
      resources: { requests: { storage: '1Mi' } },
      ...spec,
    },
  };
}

const claims = (refusal: number, what: string, spec: object): Case => ({
  guard: 'agent-claims',
  refusal,
  what,
  refused: create(claim('candidate', 'g-agents', spec)),
  permitted: create(claim('candidate', OUTSIDE, spec)),
});

const bound = patch(pathOf('PersistentVolumeClaim', 'g-agents', 'waiting'), { spec: { volumeName: 'theirs' } });

export const agentVolumeCases: readonly Case[] = [
  ...(
    [
      ['a share of the network', { nfs: { server: '192.0.2.1', path: '/' } }],
      ['a bucket', { csi: { driver: 's3.csi.aws.com' } }],
      ['a share of Windows', { csi: { driver: 'smb.csi.k8s.io' } }],
    ] as const
  ).map(([what, source]): Case => ({
    guard: 'agent-volumes',
    refusal: 0,
    what: `${what} for an agent`,
    refused: create(agentPod(own(source))),
    permitted: create(pod({ namespace: OUTSIDE, ...own(source) })),
  })),
  {
    guard: 'agent-volumes',
    refusal: 0,
    what: 'a driver of which nobody knows where it leads',
    refused: create(agentPod(own({ csi: { driver: 'x.example.com' } }))),
    permitted: create(agentPod(own({ csi: { driver: 'secrets-store.csi.k8s.io' } }))),
  },
  {
    guard: 'agent-volumes',
    refusal: 0,
    what: 'a share of the network, where a claim would do',
    refused: create(agentPod(own({ nfs: { server: '192.0.2.1', path: '/' } }))),
    permitted: create(agentPod(claimedVolume)),
  },
  claims(0, 'a claim that many nodes write to', { accessModes: ['ReadWriteMany'] }),
  claims(0, 'a claim that many nodes read, and one writes to', { accessModes: ['ReadWriteOnce', 'ReadOnlyMany'] }),
  {
    ...claims(0, 'a claim that many nodes write to, where one would do', { accessModes: ['ReadWriteMany'] }),
    permitted: create(claim('candidate', 'g-agents', { accessModes: ['ReadWriteOncePod'] })),
  },
  claims(1, 'a claim of a volume of somebody’s choice', { volumeName: 'theirs' }),
  claims(1, 'a claim of volumes by label', { selector: { matchLabels: { a: 'b' } } }),
  {
    guard: 'agent-claims',
    refusal: 1,
    what: 'a volume put into a claim that waits',
    refused: bound,
    permitted: {
      ...bound,
      by: 'admin',
      as: { user: 'system:serviceaccount:kube-system:persistent-volume-binder', groups: ['system:masters'] },
    },
  },
];
