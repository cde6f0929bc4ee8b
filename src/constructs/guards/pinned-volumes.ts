import type { k8s } from 'cdk8s-plus-28';
import { SPIRE_SOCKETS } from '../../model/spire.js';
import type { Sidecars } from '../sidecars.js';
import { literal } from './cel.js';
import type { Refusal } from './guard.js';

/**
 * What holds the volumes of rendered sidecars in the variable `volumes`: each is of the kind and from the source that was
 * rendered, only the sidecars mount it, and SPIRE's socket has no second volume.
 *
 * @param text how the name of a ConfigMap or Secret is written in CEL
 */
export function pinnedVolumes({ containers, volumes }: Sidecars, text: (name: string) => string): readonly Refusal[] {
  const names = volumes.map(({ name }) => name);
  const stranger = (container: string): string => `${container} in ${literal(containers.map(({ name }) => name))}`;
  const mountsNone = (of: string): string =>
    `object.spec.?${of}.orValue([]).all(container, ${stranger('container.name')} || ` +
    `container.?volumeMounts.orValue([]).all(mount, !(mount.name in ${literal(names)})))`;
  return [
    {
      expression: volumes.map((volume) => isVolume(volume, text)).join(' && '),
      message: `The volumes ${names.join(', ')} are the sidecars' own, of the platform's kind and source. Take them as the stack renders them, or deploy the stack, which patches them into its Deployment.`,
    },
    {
      expression: `${mountsNone('initContainers')} && ${mountsNone('containers')}`,
      message: `Only the sidecars mount their volumes (${names.join(', ')}): keys, sockets and the admin interface stand there. Remove the mounts from the other containers.`,
    },
    {
      expression: `variables.volumes.all(volume, volume.name == ${literal(SPIRE_SOCKETS.volume)} || volume.?csi.?driver.orValue("") != ${literal(SPIRE_SOCKETS.csiDriver)})`,
      message: `SPIRE's socket (${SPIRE_SOCKETS.csiDriver}) is the volume ${SPIRE_SOCKETS.volume} alone, which only the sidecar mounts. Remove the other volume.`,
    },
  ];
}

function isVolume({ name, configMap, secret, csi, projected }: k8s.Volume, text: (name: string) => string): string {
  const one = (...all: readonly string[]): string =>
    `variables.volumes.exists_one(volume, volume.name == ${literal(name)} && ${all.join(' && ')})`;
  if (configMap) {
    return one(
      `volume.?configMap.?name.orValue("") == ${text(configMap.name ?? '')}`,
      'volume.configMap.?items.orValue([]).size() == 0',
    );
  }
  if (secret) {
    return one(
      `volume.?secret.?secretName.orValue("") == ${text(secret.secretName ?? '')}`,
      `volume.secret.?items.orValue([]).map(item, item.key + ":" + item.path) == ${literal((secret.items ?? []).map(({ key, path }) => `${key}:${path}`))}`,
    );
  }
  if (csi) {
    return one(
      `volume.?csi.?driver.orValue("") == ${literal(csi.driver)}`,
      'volume.csi.?readOnly.orValue(false)',
      'volume.csi.?volumeAttributes.orValue({}).size() == 0',
    );
  }
  if (projected) {
    const sources = (projected.sources ?? []).map(sourceText);
    return one(`volume.?projected.?sources.orValue([]).map(source, ${SOURCE}) == ${literal(sources)}`);
  }
  return one('has(volume.emptyDir)');
}

/** A source of a projected volume in one text: the token, an authority's certificate, what the pod is called. */
const SOURCE = [
  'has(source.serviceAccountToken) ? "token " + source.serviceAccountToken.path + " " + source.serviceAccountToken.?audience.orValue("")',
  'has(source.configMap) ? "configMap " + source.configMap.?name.orValue("") + source.configMap.?items.orValue([]).map(item, " " + item.key + ":" + item.path).join("")',
  'has(source.downwardAPI) ? "downwardAPI" + source.downwardAPI.?items.orValue([]).map(item, " " + item.?fieldRef.?fieldPath.orValue("") + ":" + item.path).join("")',
  '""',
].join(' : ');

const sourceText = ({ serviceAccountToken: token, configMap, downwardApi }: k8s.VolumeProjection): string => {
  if (token) return `token ${token.path} ${token.audience ?? ''}`;
  const items = (each: readonly string[]): string => each.map((item) => ` ${item}`).join('');
  if (configMap)
    return `configMap ${configMap.name}${items((configMap.items ?? []).map((of) => `${of.key}:${of.path}`))}`;
  return `downwardAPI${items((downwardApi?.items ?? []).map((of) => `${of.fieldRef?.fieldPath ?? ''}:${of.path}`))}`;
};
