import { changesReachability } from '../not-evaluated.js';
import { isEvaluated } from '../policies/read.js';
import { PREFLIGHT_READS } from '../preflight.js';
import { isTemplateKind } from './templates.js';

/** Kinds that the evaluator reads, beside those that make pods. */
const READ: ReadonlySet<string> = new Set([
  'v1 Pod',
  'v1 Namespace',
  'v1 Service',
  'v1 Node',
  'v1 Endpoints',
  'discovery.k8s.io/v1 EndpointSlice',
  'cilium.io/v2 CiliumCIDRGroup',
  'cilium.io/v2alpha1 CiliumCIDRGroup',
]);

/** Whether objects of this kind decide, or may decide, who reaches whom: what has to be read of a cluster. */
export const decidesReach = (apiVersion: string, kind: string): boolean =>
  READ.has(`${apiVersion} ${kind}`) ||
  isEvaluated({ apiVersion, kind }) ||
  isTemplateKind(apiVersion, kind) ||
  changesReachability(apiVersion, kind);

/** Groups of kinds that decide who may change what a proof rests on, or who may become whom. */
const PROOF = /^(rbac\.authorization|admissionregistration|enforcement\.portarium|spire\.spiffe)\./;

const isReadByPreflight = (apiVersion: string, kind: string): boolean =>
  PREFLIGHT_READS.some((read) => read.apiVersion === apiVersion && read.kind === kind && !('name' in read));

/** Whether objects of this kind are needed for a proof: beside those of reach, RBAC, admission, policies and identities. */
export const decidesProof = (apiVersion: string, kind: string): boolean =>
  decidesReach(apiVersion, kind) ||
  PROOF.test(apiVersion) ||
  isReadByPreflight(apiVersion, kind) ||
  (apiVersion === 'v1' && kind === 'ServiceAccount');
