import type { KubeObject } from '../../../model/kube-object.js';
import { staleness, versions } from './answers.js';
import { migration, parts, store } from './datastore.js';
import { authentication, literalSecrets, openDoors, tls } from './exposure.js';
import { readRendered } from './rendered.js';
import { rollout } from './rollout.js';

const CHECKS = [
  parts,
  versions,
  openDoors,
  authentication,
  literalSecrets,
  tls,
  store,
  migration,
  staleness,
  rollout,
] as const;

/**
 * Why OpenFGA would not work, would answer wrong or would answer whom it must not, as these objects are: each a
 * sentence, none when all is well. It reads what is rendered and not what it was made from.
 */
export function openfgaFaults(objects: readonly KubeObject[]): readonly string[] {
  const rendered = readRendered(objects);
  return CHECKS.flatMap((check) => check(rendered)).filter((fault) => typeof fault === 'string');
}
