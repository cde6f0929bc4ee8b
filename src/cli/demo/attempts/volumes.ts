import { claim as claimIn } from '../../../verify/forbidden/candidates.js';
import { permitted, refused, type Family } from './attempt.js';
import { ACME, agentPod, create, pod } from './objects.js';

const volume = (source: Readonly<Record<string, unknown>>) => ({ volumes: [{ name: 'own', ...source }] });
const bucket = volume({ csi: { driver: 's3.csi.aws.com' } });

const claim = (accessMode: string, spec: Readonly<Record<string, unknown>> = {}) =>
  create(claimIn(ACME.namespace, accessMode, spec));

const VOLUMES = 'portarium-guard-agent-volumes';
const CLAIMS = 'portarium-guard-agent-claims';

export const volumes: Family = {
  title: 'volumes of agents',
  attempts: [
    permitted('mallory', 'a bucket as a volume elsewhere', create(pod({ namespace: 'default', spec: bucket }))),
    refused(VOLUMES, 'mallory', 'an agent with a bucket as a volume', create(agentPod({ spec: bucket }))),
    permitted(
      'mallory',
      'an agent with a claimed volume',
      create(agentPod({ spec: volume({ persistentVolumeClaim: { claimName: 'mine' } }) })),
    ),
    permitted('mallory', 'a claim for one pod', claim('ReadWriteOncePod')),
    refused(CLAIMS, 'mallory', 'a claim that many nodes write to', claim('ReadWriteMany')),
    refused(CLAIMS, 'mallory', 'a claim of a volume of her choice', claim('ReadWriteOnce', { volumeName: 'mine' })),
  ],
};
