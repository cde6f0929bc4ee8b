import type { KubeObject } from '../../../model/kube-object.js';
import { registration, workload } from '../../../verify/forbidden/candidates.js';
import { askToken } from '../../../verify/forbidden/request.js';
import { permitted, refused, type Family } from './attempt.js';
import { create, pod } from './objects.js';

const SPIRE = 'portarium-spire';
const REGISTRATIONS = 'portarium-spire-registrations';

const daemons = (namespace: string, account: string): KubeObject =>
  workload('DaemonSet', namespace, {}, pod({ namespace, account })['spec']);

/** Whoever writes a registration, or runs as SPIRE, may become anyone. */
export const spire: Family = {
  title: 'workload identity',
  attempts: [
    permitted('platform-deployer', 'a registration of another workload', create(registration({}))),
    permitted('mallory', 'a registration for another SPIRE', create(registration({ className: 'hers' }))),
    refused(REGISTRATIONS, 'mallory', 'a registration of her own pods', create(registration({}))),
    refused(
      REGISTRATIONS,
      'platform-deployer',
      'a registration of any SPIFFE ID',
      create(registration({ spiffeIDTemplate: 'spiffe://portarium.io/ns/portarium-execution/sa/worker' })),
    ),
    refused(
      REGISTRATIONS,
      'platform-deployer',
      'a registration with the authority of the server',
      create(registration({ admin: true })),
    ),
    refused(
      'portarium-guard-spire-pods',
      'mallory',
      'a pod where the host may be entered',
      create(pod({ namespace: SPIRE, account: 'default' })),
    ),
    refused(
      'portarium-guard-spire-pods',
      'mallory',
      'a pod as SPIRE’s agent',
      create(pod({ namespace: SPIRE, account: 'spire-agent' })),
    ),
    refused(
      'portarium-guard-spire-workloads',
      'mallory',
      'a DaemonSet where the host may be entered',
      create(daemons(SPIRE, 'spire-agent')),
    ),
    permitted('mallory', 'a DaemonSet elsewhere', create(daemons('default', 'default'))),
    refused('portarium-guard-spire-tokens', 'mallory', 'a token of SPIRE’s agent', askToken(SPIRE, 'spire-agent')),
    refused(
      'portarium-guard-spire-tokens',
      'mallory',
      'a token of SPIRE’s server',
      askToken('portarium-control-plane', 'spire-server'),
    ),
  ],
};
