import { Construct } from 'constructs';
import { COMPONENTS } from '../model/edges.js';
import { ANNOTATIONS } from '../model/names.js';
import type { Platform } from '../model/platform.js';
import { DeploymentPatch } from './deployment-patch.js';
import { EnvoyConfig } from './envoy/config-map.js';
import { workerId } from './envoy/front-config.js';
import { outboundConfig } from './envoy/outbound-config.js';
import { SIDECAR_FILES, workerSidecars } from './sidecars.js';

/**
 * The execution workers' way to the front: an outbound Envoy, patched into their Deployment. Workers find the control
 * plane on their own loopback, as agents do.
 * Source: runbook Phase 4 step 2, "Execution-plane workers".
 */
export class WorkerSidecar extends Construct {
  constructor(scope: Construct, id: string, platform: Platform) {
    super(scope, id);
    const { name, namespace } = COMPONENTS.worker;
    const files = outboundConfig(platform, workerId(platform));
    const config = new EnvoyConfig(this, 'envoy', { name: SIDECAR_FILES.worker, namespace, files });
    const { containers, volumes } = workerSidecars(platform);
    new DeploymentPatch(this, 'patch', {
      name,
      namespace,
      stack: platform.stack,
      annotations: { [ANNOTATIONS.envoy]: config.hash },
      initContainers: containers,
      volumes,
    });
  }
}
