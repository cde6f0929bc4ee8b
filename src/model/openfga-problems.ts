import { openfgaImageProblem } from './openfga-versions.js';
import type { Platform } from './platform.js';

/** Something that no field of `openfga` shows alone. */
export interface OpenFgaProblem {
  /** Below the platform's config. */
  readonly path: readonly string[];
  readonly message: string;
}

/** Why OpenFGA could not be trusted or would not work as configured: too old, a store of one for many, out of reach. */
export function openfgaProblems({ openfga, peers }: Pick<Platform, 'openfga' | 'peers'>): readonly OpenFgaProblem[] {
  const { image, replicas, datastore } = openfga;
  const problems: OpenFgaProblem[] = [];
  const imageProblem = openfgaImageProblem(image);
  if (imageProblem !== undefined) problems.push({ path: ['openfga', 'image'], message: imageProblem });
  if (datastore.type === 'memory' && replicas > 1) {
    problems.push({
      path: ['openfga', 'replicas'],
      message: `${replicas} servers need a datastore that they share; "memory" is each one’s own, and they would answer differently. Use datastore.type: postgres, or replicas: 1.`,
    });
  }
  if (datastore.type === 'postgres') {
    const { port } = datastore;
    if (!peers.some(({ component, ports }) => component === 'openfga' && ports.includes(port))) {
      problems.push({
        path: ['openfga', 'datastore', 'host'],
        message: `no network policy lets the server reach its database. Add to "peers" one with component: openfga and ports: [${port}].`,
      });
    }
  }
  return problems;
}
