import { proveObjects } from '../src/cli/prove/subject.js';
import { updatesOf } from '../src/cli/prove/updates.js';
import { openStack } from '../src/cli/open-stack.js';
import { loadStacks } from '../src/config/load.js';
import { relax, type Level } from '../src/model/levels.js';
import { proveWorkspace } from '../src/prove/claims/workspace-claims.js';
import type { KubeObject } from '../src/prove/index.js';
import { inputOfCluster } from '../src/prove/input/input.js';
import { sampleCluster } from './reach.js';

const DIR = 'stacks';

/** All five claims about ws-acme's stack, from rendered objects; with each step of its updates or without. */
export function proofOfStack(level: Level, steps: boolean): () => string {
  const { config, objects } = openStack({ stack: 'ws-acme', stacks: DIR, level });
  if (config.kind === 'platform') throw new Error('unreachable: ws-acme is a workspace');
  const { platform, workspace } = config;
  const { workspaces } = loadStacks({ dir: DIR });
  const rendered = openStack({ stack: platform.stack, stacks: DIR }).objects;
  const others = workspaces.filter(({ stack }) => stack !== workspace.stack);
  const standing = [...rendered, ...others.flatMap(({ stack }) => openStack({ stack, stacks: DIR }).objects)];
  const updates = steps ? updatesOf({ stack: workspace.stack, stacks: DIR }, level, standing) : [];
  return () =>
    proveWorkspace({
      ...{ platform, workspace, workspaces, rendered, updates },
      objects: [...standing, ...objects],
      notEvaluated: [],
      modes: relax(workspace.level, []),
      complete: false,
    }).verdict;
}

/** Claims P and D about a closed namespace of agents in a cluster of that many pods, one policy to five of them. */
export function proofOfCluster(pods: number): () => string {
  const metadata = { name: 'deny', namespace: 'portarium-agents' };
  const spec = { podSelector: {}, policyTypes: ['Ingress', 'Egress'] };
  const deny = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata, spec };
  const objects: readonly KubeObject[] = [...sampleCluster(pods), deny];
  return () => proveObjects('the cluster', inputOfCluster(objects), true).verdict;
}
