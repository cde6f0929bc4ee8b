/**
 * Who reaches whom, computed from the objects of a cluster: NetworkPolicy, ClusterNetworkPolicy and its predecessors, and
 * Cilium's policies; what of them cannot be decided, and any other kind of network policy, is named as not evaluated. Pure: objects in, plain data out.
 */
export { readCluster } from './cluster.js';
export type { Cluster, ObjectRef } from './cluster.js';
export { explain, explanationLines } from './explain.js';
export type { Explanation, Packet, RuleRef, SideVerdict } from './explain.js';
export { UnreadableObjectError } from './kube-object.js';
export type { KubeObject } from './kube-object.js';
export { changesReachability, notEvaluatedText } from './not-evaluated.js';
export type { NotEvaluated } from './not-evaluated.js';
export type { KeptClaim, ProofResult, ProofSource } from './claims/result.js';
export { reach, reachedBy } from './reach.js';
export type { Reachability, ReachedByRow, ReachRow } from './reach.js';
export type { Connection, PeerRow } from './rows.js';
export type { Reading } from './rules.js';
export { serviceReach } from './service-reach.js';
export type { ServicePortReach, ServiceReach } from './service-reach.js';
export { connectionsText, reachTable } from './table.js';
