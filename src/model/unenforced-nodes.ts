/**
 * Taints by which nodes without a data plane of the cluster's keep pods off: virtual kubelets run a pod elsewhere, where
 * no network policy of the cluster holds. Agents may not tolerate them (`src/constructs/guards/scheduling.ts`).
 * Source: virtual-kubelet, EKS Fargate and AKS virtual nodes documentation; bypass B21.
 */
export const UNENFORCED_TAINTS: readonly string[] = [
  'azure.com/aci',
  'eks.amazonaws.com/compute-type',
  'virtual-kubelet.io/provider',
];
