import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { COMPONENTS, PORTS } from '../model/edges.js';
import { sha256 } from '../model/canonical.js';
import { spiffeId } from '../model/identity.js';
import { ANNOTATIONS, NAMESPACES, serviceHost } from '../model/names.js';
import type { Platform } from '../model/platform.js';
import { DeploymentPatch } from './deployment-patch.js';
import { EnvoyConfig } from './envoy/config-map.js';
import { APP_PORTS, frontConfig } from './envoy/front-config.js';
import { AUTHORIZER_FILES } from './envoy/sidecar.js';
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
    const settings = {
      'config.json': `${JSON.stringify(authorizerConfig(platform), null, 1)}\n`,
      'openfga-ca.crt': platform.openfga.certificateAuthority,
    };
    new k8s.KubeConfigMap(this, 'authorizer', {
      metadata: { name: SIDECAR_FILES.authorizer, namespace },
      data: settings,
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
export const authorizerConfig = ({ trustDomain, tokens, front, cluster }: Platform) => {
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
    grpcMethods: front.grpcMethods.map(({ method, relation }) => ({ method, relation })),
    openfga: {
      url: `https://${serviceHost(COMPONENTS.openfga.name, COMPONENTS.openfga.namespace, cluster.domain)}:${PORTS.openfga.service}`,
      tokenFile: AUTHORIZER_FILES.openfgaToken,
      authoritiesFile: AUTHORIZER_FILES.openfgaAuthorities,
    },
    apiServer: { url: `http://127.0.0.1:${APP_PORTS.http}`, tokensDir: AUTHORIZER_FILES.recordTokens },
    /** How long a new front waits for its SVID before it serves `bearer` and `people` without. */
    graceSeconds: 30,
  };
};
