import type { KubeObject } from '../model/kube-object.js';
import { withDefaults, type ServerDefaults } from './compare-defaults.js';
import { compare, contentOf, type Difference } from './compare-values.js';

/** An init container or a volume. */
export interface PodPart {
  readonly name: string;
  readonly [field: string]: unknown;
}

/** Lists of a pod's spec whose items belong to whoever added them: ours are compared whole, others' not at all. */
export const PARTS = ['initContainers', 'volumes'] as const;
export type Parts = (typeof PARTS)[number];

/** The items of a workload's pods. */
export function partsOf(workload: KubeObject, list: Parts): readonly PodPart[] {
  const { spec } = workload as { spec?: { template?: { spec?: Partial<Record<Parts, readonly PodPart[] | null>> } } };
  return spec?.template?.spec?.[list] ?? [];
}

/**
 * Where a live workload is not what a patch says: only in what the patch says, but that exactly. Its init containers
 * come first and in its order, since a container that starts before a native sidecar runs without it.
 */
export function patchDifferences(desired: KubeObject, live: KubeObject): readonly Difference[] {
  const found: Difference[] = [];
  for (const field of ['labels', 'annotations'] as const) {
    compare(desired.metadata[field] ?? {}, live.metadata[field] ?? {}, `metadata.${field}`, LOOSE, found);
  }
  compare(withoutParts(desired), contentOf(live), '', LOOSE, found);
  for (const list of PARTS) {
    const there = new Map(partsOf(live, list).map((part) => [part.name, part]));
    for (const part of partsOf(desired, list)) {
      const [wanted, is] = [part, there.get(part.name)].map((item) => withDefaults(item, DEFAULTS, `${list}[]`));
      compare(wanted, is, `spec.template.spec.${list}[${part.name}]`, EXACT, found);
    }
  }
  const order = partsOf(live, 'initContainers').map(({ name }) => name);
  partsOf(desired, 'initContainers').forEach(({ name }, index) => {
    if (order.includes(name) && order[index] !== name) {
      found.push({ path: `spec.template.spec.initContainers[${index}].name`, desired: name, live: order[index] });
    }
  });
  return found;
}

const LOOSE = { exact: false, allocated: [] };
const EXACT = { exact: true, allocated: [] };

function withoutParts(patch: KubeObject): unknown {
  const content = structuredClone(contentOf(patch)) as {
    spec?: { template?: { spec?: Partial<Record<Parts, unknown>> } };
  };
  for (const list of PARTS) delete content.spec?.template?.spec?.[list];
  return content;
}

const probe = (where: string): NonNullable<ServerDefaults['defaults']> => [
  [where, 'initialDelaySeconds', 0],
  [where, 'timeoutSeconds', 1],
  [where, 'periodSeconds', 10],
  [where, 'successThreshold', 1],
  [where, 'failureThreshold', 3],
];

/** What the API server adds to containers and volumes; seen on Kubernetes 1.36. */
const DEFAULTS: ServerDefaults = {
  empty: ['command', 'args', 'env', 'envFrom', 'ports', 'volumeMounts', 'resources', 'limits', 'requests', 'items'],
  defaults: [
    ['initContainers[]', 'terminationMessagePath', '/dev/termination-log'],
    ['initContainers[]', 'terminationMessagePolicy', 'File'],
    ['initContainers[]', 'imagePullPolicy', pullPolicy],
    ['ports[]', 'protocol', 'TCP'],
    ['volumeMounts[]', 'readOnly', false],
    ...['startupProbe', 'readinessProbe', 'livenessProbe'].flatMap(probe),
    ['httpGet', 'path', '/'],
    ['httpGet', 'scheme', 'HTTP'],
    ['grpc', 'service', ''],
    ['fieldRef', 'apiVersion', 'v1'],
    ['resourceFieldRef', 'divisor', '0'],
    ['configMap', 'defaultMode', 0o644],
    ['secret', 'defaultMode', 0o644],
    ['downwardAPI', 'defaultMode', 0o644],
    ['projected', 'defaultMode', 0o644],
    ['serviceAccountToken', 'expirationSeconds', 3600],
    ['hostPath', 'type', ''],
    ['csi', 'readOnly', false],
  ],
};

/** Kubernetes' rule: an image that may change under its name is pulled each time. */
function pullPolicy({ image }: Readonly<Record<string, unknown>>): string {
  const [named = '', digest] = String(image).split('@');
  const tag = /:([^/:]+)$/.exec(named)?.[1];
  return tag === 'latest' || (tag === undefined && digest === undefined) ? 'Always' : 'IfNotPresent';
}
