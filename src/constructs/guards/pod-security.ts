import type { Platform } from '../../model/platform.js';

/** Kubernetes version whose standards `enforce` means; a newer API server goes on enforcing just these. */
export const POD_SECURITY_VERSION = 'v1.36';

/**
 * The Pod Security labels of a namespace.
 *
 * `enforce` is pinned to the version the lab is tested with, so that an upgrade of the API server refuses no running
 * workload's next pod; an older API server takes a later version for its latest. `audit` and `warn` are `latest`: what
 * an upgrade would refuse is seen before the pin is moved. While guards are `audit`, nothing is enforced by us: the
 * label is left out, and the cluster's own default stays.
 *
 * Source: Pod Security Admission, "Pod Security Admission labels for namespaces"; bypasses B1, B12 and B27.
 *
 * @param profile `privileged` is for SPIRE's namespace
 * @param guards of the platform stack, or `deny` for a namespace that enforces from the first day
 */
export function podSecurityLabels(
  profile: 'restricted' | 'privileged',
  guards: Platform['guards'],
): Readonly<Record<string, string>> {
  const labels = (mode: string, version: string): Record<string, string> => ({
    [`pod-security.kubernetes.io/${mode}`]: profile,
    [`pod-security.kubernetes.io/${mode}-version`]: version,
  });
  return {
    ...(guards === 'deny' ? labels('enforce', POD_SECURITY_VERSION) : {}),
    ...labels('audit', 'latest'),
    ...labels('warn', 'latest'),
  };
}
