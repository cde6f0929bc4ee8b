import type { Platform } from '../../src/model/platform.js';

/** What a platform says of SPIRE and beside it, for fixtures to which it does not matter: every default of the config. */
export const SPIRE: Pick<Platform, 'spire' | 'monitoring' | 'requireDigests'> = {
  requireDigests: false,
  monitoring: { podMonitors: false, prometheusRules: false },
  spire: {
    clusterName: 'portarium',
    namespace: 'portarium-control-plane',
    replicas: 1,
    datastore: { type: 'sqlite' },
    keyManager: { type: 'disk' },
    storage: { size: '1Gi' },
    caTtl: '24h',
    x509Ttl: '1h',
    outageTolerance: '25m',
    kubelet: { access: 'nodes/pods', address: 'hostIP' },
    images: {
      server: 'ghcr.io/spiffe/spire-server:1.15.3',
      agent: 'ghcr.io/spiffe/spire-agent:1.15.3',
      controllerManager: 'ghcr.io/spiffe/spire-controller-manager:0.7.0',
      csiDriver: 'ghcr.io/spiffe/spiffe-csi-driver:0.2.7',
      registrar: 'registry.k8s.io/sig-storage/csi-node-driver-registrar:v2.15.0',
    },
    workloads: [],
    bridges: [],
  },
};
