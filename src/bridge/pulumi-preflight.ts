import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { RunError } from '@pulumi/pulumi';
import type { Stack } from '../config/load.js';
import { isPatch, keyOf, type KubeObject } from '../model/kube-object.js';
import { ApiError, ClusterUnreachable, KubeconfigError } from './api-error.js';
import { Cluster, type LiveObject } from './cluster.js';
import { RelaxationRefused } from './live-facts.js';
import { opens } from './order.js';
import { NotOwned, readStack, type StackState } from './ownership.js';
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
  /** Live openings of the stack that are not rendered: what this update closes. */
  readonly closing: readonly LiveObject[];
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
  const raise = (reasons: readonly string[]): void => {
    if (reasons.length > 0 && !isPreview) throw new RunError(reasons.join('\n'));
    warnings.push(...reasons.map((reason) => `an update would stop here: ${reason}`));
  };
  if (stack.kind === 'workspace') raise(await contractProblems(stack.platform));
  let provider: ClusterProviderArgs = kubeconfigArgs();
  let cluster: Cluster | undefined;
  try {
    cluster = await Cluster.connect();
    provider = { ...provider, context: cluster.context, ...(await identifierOf(cluster)) };
    const { facts, objects: rendered } = await preflight(cluster, stack);
    const state = await readStack(cluster, name, rendered);
    raise(await unseen(name, rendered, state, cluster));
    const objects = rendered.filter((object) => !isPatch(object) || state.live.has(keyOf(object)));
    for (const patch of rendered.filter((object) => !objects.includes(object))) {
      warnings.push(`${keyOf(patch)} is not there yet, so there is nothing to patch; update again once it is.`);
    }
    const closing = state.extra.filter(opens);
    return { objects, provider, closing, warnings, ...(facts.relaxation && { relaxation: facts.relaxation.name }) };
  } catch (error) {
    if (!isObjection(error)) throw error;
    raise([error.message]);
    return { objects: renderStack(stack), provider, closing: [], warnings };
  } finally {
    cluster?.close();
  }
}

const isObjection = (error: unknown): error is Error =>
  [ApiError, ClusterUnreachable, KubeconfigError, RelaxationRefused, PreflightRefused, NotOwned].some(
    (kind) => error instanceof kind,
  );

async function unseen(
  name: string,
  objects: readonly KubeObject[],
  state: StackState,
  cluster: Cluster,
): Promise<readonly string[]> {
  const dryRun = async (object: KubeObject): Promise<KubeObject> =>
    (await cluster.apply(object, { dryRun: true })).object;
  const isThere = async (object: KubeObject): Promise<boolean> => (await cluster.tryGet(object)) !== undefined;
  const found = await blindSpots(objects, { state, recorded: await recordedObjects(name), dryRun, isThere });
  return found.length === 0 ? [] : [repair(name, found)];
}

const repair = (name: string, reasons: readonly string[]): string =>
  `Pulumi cannot see all of what is live of stack "${name}", and would leave it as it is:\n${reasons.map((reason) => `  ${reason}`).join('\n')}\nMake the cluster what is rendered first: npm run -s enforce -- apply --stack ${name}. Or take what can be seen of it into the state (pulumi refresh --stack ${name}) and update again.`;

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
