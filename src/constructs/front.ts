import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { COMPONENTS, PORTS } from '../model/edges.js';
import { sha256 } from '../model/canonical.js';
import { spiffeId } from '../model/identity.js';
import { ANNOTATIONS, NAMESPACES } from '../model/names.js';
import type { Platform } from '../model/platform.js';
import { DeploymentPatch } from './deployment-patch.js';
import { EnvoyConfig } from './envoy/config-map.js';
import { frontConfig } from './envoy/front-config.js';
import { frontSidecars, SIDECAR_FILES } from './sidecars.js';

/**
 * The front of the control plane, in the api-server's own pod: Envoy with its listeners, and the authorizer that it asks
 * over a socket. The Deployment is the control plane's; it gets both sidecars as a patch and loses them the way they came.
 * Source: design, "The front of the control plane"; runbook Phase 4 step 2.
 */
export class Front extends Construct {
  constructor(scope: Construct, id: string, platform: Platform) {
    super(scope, id);
    const { name } = COMPONENTS.apiServer;
    const namespace = NAMESPACES.controlPlane;
    const config = new EnvoyConfig(this, 'envoy', {
      name: SIDECAR_FILES.front,
      namespace,
      files: frontConfig(platform),
    });
    const settings = authorizerConfig(platform);
    new k8s.KubeConfigMap(this, 'authorizer', {
      metadata: { name: SIDECAR_FILES.authorizer, namespace },
      data: { 'config.json': `${JSON.stringify(settings, null, 1)}\n` },
    });
    const { containers, volumes } = frontSidecars(platform);
    new DeploymentPatch(this, 'patch', {
      name,
      namespace,
      stack: platform.stack,
      annotations: { [ANNOTATIONS.envoy]: config.hash, [ANNOTATIONS.authorizer]: sha256(settings) },
      initContainers: containers,
      volumes,
    });
  }
}

/** What the authorizer knows beside the policies that it watches (`src/authorizer`). */
export const authorizerConfig = ({ trustDomain, tokens }: Platform) => {
  const { worker } = COMPONENTS;
  const { type, audience, peopleAudience, workspaceClaim, issuer } = tokens;
  return {
    trustDomain,
    policyNamespace: NAMESPACES.policy,
    workloads: [
      { name: worker.name, spiffeId: spiffeId(worker.namespace, worker.name, trustDomain), subject: worker.name },
    ],
    tokens: { type, audience, peopleAudience, workspaceClaim, issuer },
    listenerPort: PORTS.front.target,
    /** How long a new front waits for its SVID before it serves `bearer` and `people` without. */
    graceSeconds: 30,
  };
};
