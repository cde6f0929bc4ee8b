import { renderStack } from '../../../src/bridge/render.js';
import { standIns } from '../../../src/cli/demo/stand-ins.js';
import { loadStack } from '../../../src/config/load.js';
import { isPatch, type KubeObject } from '../../../src/model/kube-object.js';
import type { Level } from '../../../src/model/levels.js';

const dir = 'stacks';
const platform = loadStack('platform', { dir });

export const platformObjects = renderStack(platform);

/** What is live in the demo's lab once ws-acme is at a level: every stack's objects and a pod for each workload. */
export function live(level: Level): readonly KubeObject[] {
  const objects = [...platformObjects, ...workspace('ws-acme', level), ...workspace('ws-globex', 'routing')];
  const workloads = [...objects, ...standIns(platform.platform), clusterDns].filter(
    (object) => ['Deployment', 'StatefulSet', 'DaemonSet'].includes(object.kind) && !isPatch(object),
  );
  return [...objects, ...workloads.map(podOf)];
}

function workspace(stack: string, level: Level): readonly KubeObject[] {
  const config = loadStack(stack, { dir });
  if (config.kind === 'platform') throw new Error(`${stack} is no workspace`);
  return renderStack({ ...config, workspace: { ...config.workspace, level } });
}

const labels = { 'k8s-app': 'kube-dns' };
const clusterDns: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'coredns', namespace: 'kube-system' },
  spec: { template: { metadata: { labels }, spec: {} } },
};

function podOf({ kind, metadata, spec }: KubeObject, index: number): KubeObject {
  const { template } = spec as { template: { metadata: { labels: Record<string, string> }; spec: object } };
  const { name, namespace } = metadata;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...(namespace !== undefined && { namespace }),
      name: `${name}-0`,
      labels: template.metadata.labels,
      ...{ ownerReferences: [{ kind, name, controller: true }] },
    },
    spec: template.spec,
    status: { phase: 'Running', podIP: `10.244.0.${index + 2}` },
  };
}
