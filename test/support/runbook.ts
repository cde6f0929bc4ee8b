import { parse } from 'yaml';
import type { KubeObject } from '../../src/model/kube-object.js';

/** Step 1 of the Phase 4 runbook, as it stands there. */
export const RUNBOOK = parse(`
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: agent-egress-deny-default
  namespace: portarium-agents
spec:
  podSelector:
    matchLabels:
      portarium.io/role: agent
  policyTypes:
    - Egress
  egress:
    - to:
        - namespaceSelector:
            matchLabels:
              portarium.io/component: control-plane
      ports:
        - port: 443
          protocol: TCP
        - port: 50051
          protocol: TCP
    - to: []  # DNS
      ports:
        - port: 53
          protocol: UDP
        - port: 53
          protocol: TCP
    - to:
        - namespaceSelector:
            matchLabels:
              portarium.io/component: observability
      ports:
        - port: 4317
          protocol: TCP
`) as KubeObject;
