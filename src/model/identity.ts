/** Trust domain of the runbook's SPIFFE IDs (Phase 4, step 2). */
export const TRUST_DOMAIN = 'portarium.io';

/** The SPIFFE ID of a workload: `spiffe://<trust domain>/ns/<namespace>/sa/<service account>`. */
export const spiffeId = (namespace: string, serviceAccount: string, trustDomain: string = TRUST_DOMAIN): string =>
  `spiffe://${trustDomain}/ns/${namespace}/sa/${serviceAccount}`;

/** The user name by which the API server knows a service account. */
export const serviceAccountUser = (namespace: string, name: string): string =>
  `system:serviceaccount:${namespace}:${name}`;
