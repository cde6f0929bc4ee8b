import { LABELS, NAMESPACES } from '../../../../src/model/names.js';
import { peersOf } from '../../../../src/constructs/guards/peer-labels.js';
import { OUTSIDE, platform, pod, type PodOptions } from '../fixture.js';
import { create, type Attempt, type Case } from './case.js';
import { asController } from './spire.js';

const peers = peersOf(platform);

/** Pods with SPIRE's accounts are made by a controller, and in its namespace there are no others (`SpirePods`). */
const made = (options: PodOptions): Attempt => {
  const account = options.account ?? (options.namespace === NAMESPACES.spire ? 'spiffe-csi-driver' : 'default');
  const attempt = create(pod({ ...options, account }));
  return /^(spire|spiffe)-/.test(account) ? asController(attempt) : attempt;
};

/** Every peer there is, each once with a foreign service account and once with its own. */
export const peerCases: readonly Case[] = [
  ...peers.map(({ namespace, labels, serviceAccount }, refusal): Case => ({
    guard: 'peer-labels',
    refusal,
    what: `the labels of ${namespace}/${serviceAccount} under another service account`,
    refused: made({ namespace, labels: { ...labels, extra: 'label' } }),
    permitted: made({ namespace, labels, account: serviceAccount }),
  })),
  {
    guard: 'peer-labels',
    refusal: peers.length,
    what: 'an unknown component in a namespace of the platform',
    refused: create(pod({ namespace: NAMESPACES.execution, labels: { [LABELS.component]: 'relay' } })),
    permitted: create(pod({ namespace: NAMESPACES.execution, labels: { app: 'relay' } })),
  },
  {
    guard: 'peer-labels',
    refusal: peers.length,
    what: 'a component of another namespace of the platform',
    refused: create(pod({ namespace: NAMESPACES.policy, labels: { [LABELS.component]: 'worker' } })),
    permitted: create(pod({ namespace: OUTSIDE, labels: { [LABELS.component]: 'worker' } })),
  },
  ...peers.map(({ namespace, labels }, refusal): Case => ({
    guard: 'peer-labels',
    refusal,
    what: `all the labels of a peer in ${namespace}, of which all but one do no harm`,
    refused: made({ namespace, labels }),
    permitted: made({ namespace, labels: Object.fromEntries(Object.entries(labels).slice(1)) }),
  })),
];
