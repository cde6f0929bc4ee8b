import type { KubeObject } from '../../../model/kube-object.js';
import { attestation, bundle, kubelet, sockets } from './agents.js';
import { differentTrustDomains, missingParts, skewedVersions, unknownPlugins, unscrapedPorts } from './parts.js';
import { placement } from './placement.js';
import { controllerManager, identities } from './registrations.js';
import { readRendered } from './rendered.js';
import { datastore, lifetimes, serverRights } from './server.js';

const CHECKS = [
  missingParts,
  unknownPlugins,
  differentTrustDomains,
  skewedVersions,
  lifetimes,
  datastore,
  serverRights,
  attestation,
  bundle,
  sockets,
  kubelet,
  placement,
  controllerManager,
  identities,
  unscrapedPorts,
] as const;

/**
 * Why SPIRE would not work, or would trust whom it must not, as these objects are: each a sentence, none when all is
 * well. It reads what is rendered and not what it was made from, so that a fault of either is seen.
 */
export function spireFaults(objects: readonly KubeObject[]): readonly string[] {
  const rendered = readRendered(objects);
  return CHECKS.flatMap((check) => check(rendered)).filter((fault) => typeof fault === 'string');
}
