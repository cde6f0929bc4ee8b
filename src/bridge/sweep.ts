import type { KubeObject } from '../model/kube-object.js';
import { ApiError } from './api-error.js';
import { forEachLimited } from './apply-limit.js';
import type { Cluster, LiveObject } from './cluster.js';

/** A running pod that today's guards would not admit. */
export interface Violation {
  /** `namespace/name` */
  readonly pod: string;
  /** What the API server says against it, one sentence each. */
  readonly violations: readonly string[];
}

/** Requests under way at a time. */
const LIMIT = 8;

/**
 * Asks the API server about every running pod of a namespace whether it would be admitted today: a dry-run creation of a
 * copy, so that nothing is judged here that admission judges. Guards refuse in `deny` and warn in `audit`; both count,
 * and so does what cannot be asked about. Needs the right to create pods. Nothing is stored.
 */
export async function sweep(cluster: Cluster, namespace: string): Promise<readonly Violation[]> {
  const pods = await cluster.list({ apiVersion: 'v1', kind: 'Pod', namespace });
  const found: Violation[] = [];
  await forEachLimited(pods.filter(runs), LIMIT, async (pod) => {
    const violations = await judge(cluster, pod);
    if (violations.length > 0) found.push({ pod: `${namespace}/${pod.metadata.name}`, violations });
  });
  return found.sort((a, b) => (a.pod < b.pod ? -1 : 1));
}

const runs = (pod: LiveObject): boolean =>
  !['Succeeded', 'Failed'].includes(String((pod['status'] as { phase?: string } | undefined)?.phase));

async function judge(cluster: Cluster, pod: LiveObject): Promise<readonly string[]> {
  const { ephemeralContainers = [] } = pod['spec'] as { ephemeralContainers?: { name: string }[] };
  const debugged = ephemeralContainers.map(
    ({ name }) => `has an ephemeral container, ${name}, which no new pod may have`,
  );
  try {
    const { warnings } = await cluster.create(copyOf(pod), { dryRun: true });
    return [...debugged, ...warnings.filter((warning) => OURS.test(warning))];
  } catch (error) {
    if (!(error instanceof ApiError) || RBAC.test(error.message)) throw error;
    return [...debugged, OURS.test(error.message) ? said(error) : `could not be judged: ${said(error)}`];
  }
}

/** Our guards by name (bindings are named after them), and Pod Security by its own words. */
const OURS = /'portarium-|violate(s)? PodSecurity/;
const RBAC = /cannot create resource "pods"/;

const said = ({ message }: ApiError): string =>
  message.replace(/^create Pod [^:]*: /, '').replace(/^pods "[^"]*" is forbidden: /, '');

/** The pod as it was before the cluster placed it and gave it a token. */
export function copyOf(pod: LiveObject): KubeObject {
  const { labels, annotations, namespace } = pod.metadata;
  const { volumes, ...given } = pod['spec'] as Record<string, unknown> & { volumes?: readonly Named[] };
  const spec = Object.fromEntries(Object.entries(given).filter(([field]) => !GIVEN_LATER.has(field)));
  const injected = new Set((volumes ?? []).filter(isToken).map(({ name }) => name));
  const withoutTokens = (container: Container): Container => {
    const mounts = container.volumeMounts?.filter(({ name }) => !injected.has(name));
    return { ...container, ...(mounts && { volumeMounts: mounts }) };
  };
  for (const list of ['containers', 'initContainers']) {
    const containers = spec[list] as readonly Container[] | undefined;
    if (containers) spec[list] = containers.map(withoutTokens);
  }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: 'portarium-sweep-',
      ...(namespace !== undefined && { namespace }),
      ...(labels && { labels }),
      ...(annotations && { annotations }),
    } as unknown as KubeObject['metadata'],
    spec: { ...spec, ...(volumes && { volumes: volumes.filter(({ name }) => !injected.has(name)) }) },
  };
}

/** By the scheduler, by `kubectl debug`, by the Priority admission plugin. */
const GIVEN_LATER = new Set(['nodeName', 'ephemeralContainers', 'priority']);

interface Named {
  readonly name: string;
  readonly projected?: unknown;
}

interface Container {
  readonly volumeMounts?: readonly { readonly name: string }[];
}

/** The ServiceAccount admission plugin's own volume; where the pod may have one, it will be added again. */
const isToken = ({ name, projected }: Named): boolean => projected !== undefined && name.startsWith('kube-api-access-');
