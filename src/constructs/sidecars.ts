import { k8s } from 'cdk8s-plus-28';
import { COMPONENTS } from '../model/edges.js';
import { AGENT_ROLE, LABELS } from '../model/names.js';
import type { Platform } from '../model/platform.js';
import { authorizerContainer, authorizerVolumes, envoyContainer, envoyVolumes } from './envoy/sidecar.js';
import { startGateContainer } from './start-gate.js';

/** Init containers, in the order in which they start, and the volumes that are theirs. */
export interface Sidecars {
  readonly containers: readonly k8s.Container[];
  readonly volumes: readonly k8s.Volume[];
}

/** ConfigMaps of the sidecars' files; admission holds the pods to these names. */
export const SIDECAR_FILES = {
  agent: (name: string): string => `${name}-envoy`,
  worker: 'worker-envoy',
  front: 'api-server-envoy',
  authorizer: 'api-server-authorizer',
} as const;

const outbound = ({ sidecar }: Platform, configMap: string): Sidecars => {
  const envoy = { image: sidecar.envoyImage, configMap };
  return { containers: [envoyContainer(envoy)], volumes: envoyVolumes(envoy) };
};

/** An agent's: Envoy, and the gate that it starts behind. */
export const agentSidecars = (platform: Platform, agent: string): Sidecars => {
  const { containers, volumes } = outbound(platform, SIDECAR_FILES.agent(agent));
  return { containers: [...containers, startGateContainer(platform)], volumes };
};

export const workerSidecars = (platform: Platform): Sidecars => outbound(platform, SIDECAR_FILES.worker);

/** The front's: Envoy, and the authorizer that it asks. */
export const frontSidecars = ({ sidecar, front, openfga }: Platform): Sidecars => {
  const envoy = {
    image: sidecar.envoyImage,
    configMap: SIDECAR_FILES.front,
    tlsSecret: front.certificateSecret,
  };
  return {
    containers: [envoyContainer(envoy), authorizerContainer(sidecar.authorizerImage)],
    volumes: [
      ...envoyVolumes(envoy),
      ...authorizerVolumes({
        configMap: SIDECAR_FILES.authorizer,
        keysSecret: openfga.keysSecret,
        recordTokensSecret: front.recordTokensSecret,
      }),
    ],
  };
};

/** A pod's part that is its sidecars', as JSON. */
export interface SidecarPart {
  readonly initContainers: readonly Readonly<Record<string, unknown>>[];
  readonly volumes: readonly Readonly<Record<string, unknown>>[];
}

/** What a pod of the namespace with these labels must have; undefined where it has no sidecar. */
export function sidecarsFor(
  platform: Platform,
  namespace: string,
  labels: Readonly<Record<string, string>>,
): SidecarPart | undefined {
  const is = (component: { namespace: string; name: string }): boolean =>
    component.namespace === namespace && labels[LABELS.component] === component.name;
  const part = ({ containers, volumes }: Sidecars): SidecarPart => ({
    initContainers: containers.map((container) => k8s.toJson_Container(container) as SidecarPart['initContainers'][0]),
    volumes: volumes.map((volume) => k8s.toJson_Volume(volume) as SidecarPart['volumes'][0]),
  });
  if (is(COMPONENTS.apiServer)) return part(frontSidecars(platform));
  if (is(COMPONENTS.worker)) return part(workerSidecars(platform));
  const isAgent = platform.workspaces.some((workspace) => workspace.namespace === namespace);
  return isAgent && labels[LABELS.role] === AGENT_ROLE
    ? part(agentSidecars(platform, labels[LABELS.agent] ?? ''))
    : undefined;
}
