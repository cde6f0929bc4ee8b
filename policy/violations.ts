import { renderPlatform } from '../src/charts/render.js';
import { renderStack } from '../src/bridge/render.js';
import { proveObjects } from '../src/cli/prove/subject.js';
import { loadStack, loadStacks, type LoadOptions } from '../src/config/load.js';
import { stackNames } from '../src/config/stack-file.js';
import type { KubeObject } from '../src/model/kube-object.js';
import { relax } from '../src/model/levels.js';
import type { Workspace } from '../src/model/workspace.js';
import type { ClaimVerdict, CounterExample } from '../src/prove/claims/claim.js';
import type { Proof } from '../src/prove/claims/prove.js';
import { proveWorkspace } from '../src/prove/claims/workspace-claims.js';
import { UnreadableObjectError } from '../src/prove/index.js';
import type { Input } from '../src/prove/input/input.js';
import { ManifestError } from '../src/prove/input/origin.js';
import { inputOfResources, type Resource } from './resources.js';

/** What a policy reports. */
export interface Violation {
  readonly message: string;
  /** The resource that lets it through; absent where it is none of the stack. */
  readonly urn?: string;
}

export interface Violations {
  /** Counter-examples, and objects that cannot be read: the preview would open a hole. */
  readonly holes: readonly Violation[];
  /** Why a claim could not be settled from the stacks alone. */
  readonly unsettled: readonly Violation[];
}

/**
 * What the resources of a stack, as a preview or an update is about to leave them, amount to. A workspace's stands on
 * the platform and beside the other workspaces as their files say; the platform's is judged for each workspace; a stack
 * without a file is held to design.md's names, as `enforce prove --manifests` does.
 *
 * @param options the folder of stack files, and the stack's config where it is not what its file says
 */
export function violationsOf(stack: string, resources: readonly Resource[], options: LoadOptions): Violations {
  try {
    const proofs = proofsOf(stack, inputOfResources(resources), options);
    const claims = proofs.flatMap(({ subject, claims: all }) => all.map((claim) => ({ subject, claim })));
    return {
      holes: claims.flatMap(({ subject, claim }) =>
        claim.counterExamples.map((example) => violation(subject, claim, example, resources)),
      ),
      unsettled: claims
        .filter(({ claim }) => claim.verdict === 'inconclusive')
        .flatMap(({ subject, claim }) =>
          claim.reasons.map((reason) => ({ message: `${subject}, claim ${claim.claim} is not settled: ${reason}` })),
        ),
    };
  } catch (error) {
    if (!(error instanceof UnreadableObjectError || error instanceof ManifestError)) throw error;
    return { holes: [{ message: `not proved, since this cannot be read: ${error.message}` }], unsettled: [] };
  }
}

function proofsOf(stack: string, input: Input, options: LoadOptions): readonly Proof[] {
  if (!stackNames(options.dir).includes(stack)) return [proveObjects(stack, input, false)];
  const own = loadStack(stack, options);
  const { platform, workspaces } = loadStacks(options);
  const rendered = renderPlatform(platform);
  const objectsOf = (of: readonly Workspace[]): readonly KubeObject[] =>
    of.flatMap((workspace) => renderStack({ kind: 'workspace', platform, workspace }));
  const standing =
    own.kind === 'platform'
      ? objectsOf(workspaces)
      : [...rendered, ...objectsOf(workspaces.filter((workspace) => workspace.stack !== stack))];
  const judged = own.kind === 'platform' ? workspaces : [own.workspace];
  return judged.map((workspace) =>
    proveWorkspace({
      ...{ platform, workspace, workspaces, rendered },
      objects: [...standing, ...input.objects],
      notEvaluated: input.notEvaluated,
      modes: relax(workspace.level, workspace.relaxing?.controls ?? []),
      complete: false,
      updates: [],
    }),
  );
}

function violation(
  subject: string,
  { claim }: ClaimVerdict,
  { summary, because, fix }: CounterExample,
  resources: readonly Resource[],
): Violation {
  const places = because.map(({ object, field }) => `${object} ${field}`);
  const at = resources.find((resource) => because.some(({ object }) => object === named(resource)));
  return {
    message: `${subject}, claim ${claim} is refuted: ${summary}. Because: ${places.join(', ') || 'nothing stops it'}. Fix: ${fix}`,
    ...(at && { urn: at.urn }),
  };
}

/** As proofs name objects: `NetworkPolicy ns/name`. Undefined for what is no object, or not known yet. */
function named({ type, props }: Resource): string | undefined {
  if (!type.startsWith('kubernetes:')) return undefined;
  try {
    const { kind, metadata } = props as Partial<KubeObject>;
    if (kind === undefined || metadata === undefined) return undefined;
    return `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;
  } catch {
    return undefined;
  }
}
