import type { Cluster } from '../bridge/cluster.js';
import { answerOf } from '../bridge/answer.js';
import { ApiError, UnknownKind } from '../bridge/api-error.js';
import { renderStack } from '../bridge/render.js';
import { sweep } from '../bridge/sweep.js';
import type { Stack } from '../config/load.js';
import { keyOf, type KubeObject } from '../model/kube-object.js';
import { platformNamespaces, type Platform } from '../model/platform.js';
import type { Workspace } from '../model/workspace.js';
import { checkOf, inconclusive, tryCheck, type Check, type Finding } from '../model/check.js';
import { expectedOf, type Expected } from './expected.js';
import { agentsIn, foreignPolicies } from './foreign.js';
import { tryAgentPod } from './forbidden/agent-pods.js';
import { forbiddenRequests } from './forbidden/list.js';
import { storeRequest, type StoredRequest } from './forbidden/relaxations.js';
import { sendersOf, type Senders } from './forbidden/senders.js';
import { tryForbidden } from './forbidden/try.js';
import { guardChecks } from './guards.js';
import { redirections } from './redirections.js';
import { nameOf, stackCheck } from './stack.js';

/** What is verified, among everything that is deployed. */
export interface Subject {
  readonly platform: Platform;
  readonly workspace: Workspace;
  /** Every workspace of the platform that has a stack: their objects are nobody's intrusion. */
  readonly workspaces: readonly Workspace[];
}

export interface Looked {
  readonly checks: readonly Check[];
  /** Absent where it cannot be said what must be live. */
  readonly expected?: Expected;
}

/**
 * What may drift: objects of the workspace's and the platform's stack, policies and redirections of others. What cannot be
 * read is inconclusive; throws nothing of the cluster's. Writes nothing, not even as a dry run.
 */
export async function lookForDrift(cluster: Cluster, { platform, workspace, workspaces }: Subject): Promise<Looked> {
  const stacks: readonly Stack[] = [
    { kind: 'workspace', platform, workspace },
    { kind: 'platform', platform },
  ];
  const expected = new Map<string, Expected>();
  const ofStacks = await Promise.all(
    stacks.map((config) => {
      const { stack } = config.kind === 'platform' ? platform : workspace;
      return tryCheck(nameOf(stack), async () => {
        const found = await expectedOf(cluster, config);
        expected.set(stack, found);
        return stackCheck(cluster, found);
      });
    }),
  );
  const rendered = renderedKeys(platform, workspaces, expected);
  const { namespace } = workspace;
  const places = [...new Set([namespace, ...platformNamespaces(platform)])];
  const others = await Promise.all([
    tryCheck(`policies of others on agents of ${workspace.id}`, async () =>
      foreignPolicies(cluster, await agentsIn(cluster, namespace, workspace.id), rendered),
    ),
    ...places.map((place) => tryCheck(`redirections in ${place}`, () => redirections(cluster, place, rendered))),
  ]);
  const found = expected.get(workspace.stack);
  return { checks: [...ofStacks, ...others], ...(found && { expected: found }) };
}

/**
 * All that can be verified without a packet: drift, running pods, and guards by requests that they forbid, as dry runs. A
 * cluster admin's run stores one thing for a moment, a request for a Relaxation, to try what must not be done with one.
 */
export async function look(cluster: Cluster, subject: Subject): Promise<Looked> {
  const drift = await lookForDrift(cluster, subject);
  const { namespace } = subject.workspace;
  const name = `running pods of ${namespace}`;
  const pods = await tryCheck(name, () => runningPods(cluster, namespace, name));
  const guards = await guardsOrWhyNot(cluster, subject, drift.expected);
  return { ...drift, checks: [...drift.checks, pods, ...guards] };
}

/** By key, what any stack renders: as it must be live today where that is known, else as the config says. */
function renderedKeys(
  platform: Platform,
  workspaces: readonly Workspace[],
  expected: ReadonlyMap<string, Expected>,
): ReadonlySet<string> {
  const objects = [
    ...[...expected.values()].flatMap((each) => each.objects),
    ...renderStack({ kind: 'platform', platform }),
    ...workspaces
      .filter(({ stack }) => !expected.has(stack))
      .flatMap((workspace) => renderStack({ kind: 'workspace', platform, workspace })),
  ];
  return new Set(objects.map(keyOf));
}

/** Pods that admission would not let in today, whenever and by whomever they were started. */
async function runningPods(cluster: Cluster, namespace: string, name: string): Promise<Check> {
  const findings = (await sweep(cluster, namespace)).flatMap(({ pod, violations }) =>
    violations.map((problem): Finding => ({ object: `Pod ${pod}`, problem })),
  );
  return checkOf(name, findings, 'each is asked about anew, as a dry run');
}

async function guardsOrWhyNot(
  cluster: Cluster,
  subject: Subject,
  expected: Expected | undefined,
): Promise<readonly Check[]> {
  const { workspace } = subject;
  try {
    const senders = await sendersOf(cluster);
    const stored = senders.onlyOwn === undefined ? await tryStored(senders, workspace) : undefined;
    try {
      return await guards(cluster, senders, subject, expected?.objects ?? [], stored?.name);
    } finally {
      await stored?.remove();
    }
  } catch (error) {
    return [inconclusive('guards', error instanceof Error ? error.message : String(error))];
  }
}

/** Undefined where it is refused: what would be tried at it is inconclusive then. */
async function tryStored(senders: Senders, workspace: Workspace): Promise<StoredRequest | undefined> {
  try {
    return await storeRequest(senders.of(), workspace);
  } catch (error) {
    if (error instanceof ApiError || error instanceof UnknownKind) return undefined;
    throw error;
  }
}

async function guards(
  cluster: Cluster,
  senders: Senders,
  { platform, workspace }: Subject,
  objects: readonly KubeObject[],
  relaxation: string | undefined,
): Promise<readonly Check[]> {
  const platformObjects = renderStack({ kind: 'platform', platform });
  const pod = tryAgentPod(objects);
  const refusesAll =
    pod === undefined ? 'the workspace has no agent to compare with' : await tryRefusal(senders.of(), pod);
  const requests = forbiddenRequests({
    platform,
    workspace,
    objects,
    platformObjects,
    ...(pod !== undefined && { pod }),
    ...(relaxation !== undefined && { relaxation }),
  });
  return guardChecks(cluster, {
    stack: platform.stack,
    objects: platformObjects,
    tried: await tryForbidden(senders, requests),
    ownName: senders.onlyOwn !== undefined,
    ...(refusesAll !== undefined && { refusesAll }),
  });
}

/** Why an agent's own pod is refused, which must be let in; undefined where it is. */
async function tryRefusal(cluster: Cluster, pod: KubeObject): Promise<string | undefined> {
  try {
    await cluster.create(pod, { dryRun: true });
    return undefined;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const answer = answerOf(error);
    const by = answer.admitted ? '' : answer.by;
    return `but an agent’s own pod is refused too, by ${by}, so refusals prove nothing`;
  }
}
