import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { RunError } from '@pulumi/pulumi';
import type { Stack } from '../config/load.js';
import type { KubeObject } from '../model/kube-object.js';
import { ApiError, ClusterUnreachable, KubeconfigError } from './api-error.js';
import { Cluster } from './cluster.js';
import { RelaxationRefused } from './live-facts.js';
import { NotOwned, readStack } from './ownership.js';
import { preflight, PreflightRefused } from './preflight.js';
import { blindSpots } from './pulumi-blind-spots.js';
import { contractProblems } from './pulumi-contract.js';
import type { ClusterProviderArgs } from './pulumi-provider.js';
import { recordedObjects } from './pulumi-state.js';
import { renderStack } from './render.js';

/** What the program registers. */
export interface Preflighted {
  readonly objects: readonly KubeObject[];
  readonly provider: ClusterProviderArgs;
  /** Name of the Relaxation in force for what the config relaxes. */
  readonly relaxation?: string;
  readonly warnings: readonly string[];
}

/**
 * Compares the stack with what is live before anything is registered. In an update every objection throws RunError; in
 * a preview it is a warning, so that one can see a change that may not be made yet.
 */
export async function preflighted(name: string, stack: Stack, isPreview: boolean): Promise<Preflighted> {
  const warnings: string[] = [];
  const object = (reasons: readonly string[]): void => {
    if (reasons.length === 0) return;
    if (!isPreview) throw new RunError(reasons.join('\n'));
    warnings.push(...reasons.map((reason) => `an update would stop here: ${reason}`));
  };
  if (stack.kind === 'workspace') object(await contractProblems(stack.platform));
  try {
    const cluster = await Cluster.connect();
    try {
      return await live(name, stack, cluster, isPreview, { object, warnings });
    } finally {
      cluster.close();
    }
  } catch (error) {
    if (!isObjection(error)) throw error;
    object([error.message]);
    return { objects: renderStack(stack), provider: kubeconfigArgs(), warnings };
  }
}

const isObjection = (error: unknown): error is Error =>
  [ApiError, ClusterUnreachable, KubeconfigError, RelaxationRefused, PreflightRefused, NotOwned].some(
    (kind) => error instanceof kind,
  );

async function live(
  name: string,
  stack: Stack,
  cluster: Cluster,
  isPreview: boolean,
  { object, warnings }: { object: (reasons: readonly string[]) => void; warnings: string[] },
): Promise<Preflighted> {
  const target = {
    stack: name,
    ...(stack.kind === 'workspace' && { workspace: stack.workspace }),
    render: (facts: Parameters<typeof renderStack>[1]) => renderStack(stack, facts),
  };
  // Which live objects are extra, and what is drift, only the state can tell: `blindSpots`.
  const checked = await preflight(cluster, target, { extras: 'allow', drift: 'allow', unreachable: 'error' });
  warnings.push(...checked.warnings);
  const blind = await blindSpots(checked.objects, {
    state: await readStack(cluster, name, checked.objects),
    recorded: await recordedObjects(name),
    dryRun: async (wanted) => (await cluster.apply(wanted, { dryRun: true })).object,
  });
  object(blind.length === 0 ? [] : [repair(name, blind)]);
  return {
    objects: checked.objects,
    provider: { ...kubeconfigArgs(), context: cluster.context, ...(await identifierOf(cluster)) },
    ...(checked.facts.relaxation && { relaxation: checked.facts.relaxation.name }),
    warnings: isPreview ? warnings : checked.warnings,
  };
}

const repair = (name: string, reasons: readonly string[]): string =>
  `Pulumi cannot see all of what is live of stack "${name}", and would leave it as it is:\n${reasons.map((reason) => `  ${reason}`).join('\n')}\nMake the cluster what is rendered first: npm run -s enforce -- apply --stack ${name}`;

/** The uid of `kube-system`: it lives as long as the cluster does, and no kubeconfig changes it. */
async function identifierOf(cluster: Cluster): Promise<{ clusterIdentifier?: string }> {
  const found = await cluster.tryGet({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system' } });
  return found === undefined ? {} : { clusterIdentifier: found.metadata.uid };
}

/** What the API client reads, by path. A list of files is left to the provider, which reads KUBECONFIG itself. */
function kubeconfigArgs(): { kubeconfig?: string } {
  const given = process.env['KUBECONFIG'];
  const path = given ?? join(homedir(), '.kube', 'config');
  return path.includes(delimiter) || !existsSync(path) ? {} : { kubeconfig: path };
}
