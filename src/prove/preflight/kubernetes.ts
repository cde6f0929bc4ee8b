import type { PreflightFinding } from './finding.js';

/** Since when a namespace that is deleted loses its pods before its policies (OrderedNamespaceDeletion): beta, stable. */
const ORDERED = { beta: 33, stable: 34 } as const;

/**
 * Before Kubernetes 1.34 a namespace that goes may lose its policies before its pods (CVE-2024-7598, bypass B24).
 *
 * @param version the API server's `gitVersion`, as `v1.36.2`
 */
export function kubernetes(version: string | undefined): readonly PreflightFinding[] {
  const minor = /^v?1\.(\d+)(?=\D|$)/.exec(version ?? '')?.[1];
  if (minor !== undefined && Number(minor) >= ORDERED.stable) return [];
  const known = minor !== undefined;
  return [
    {
      verdict: known && Number(minor) < ORDERED.beta ? 'refuted' : 'inconclusive',
      threat: 'B24',
      object: 'cluster',
      field: 'gitVersion',
      reason: known
        ? `Kubernetes ${version} may delete the policies of a namespace before its pods (CVE-2024-7598).`
        : `The version of Kubernetes (${version ?? 'not read'}) is not known.`,
      fix: `Upgrade to 1.${ORDERED.stable}, where pods go first.`,
    },
  ];
}
