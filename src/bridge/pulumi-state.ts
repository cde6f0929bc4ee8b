import { getOrganization, getProject, runtime } from '@pulumi/pulumi';
import { keyOf, type KubeObject } from '../model/kube-object.js';

/** The full name of a stack of this project: `organization/portarium/platform` on a backend of one's own. */
export const qualified = (stack: string): string => `${getOrganization()}/${getProject()}/${stack}`;

/** Outputs of a stack's last update; undefined when the backend has no such stack. Empty before its first update. */
export async function tryStackOutputs(stack: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    const { outputs } = (await runtime.invoke('pulumi:pulumi:readStackOutputs', { name: qualified(stack) })) as {
      outputs: Record<string, unknown>;
    };
    return outputs;
  } catch (error) {
    if (/unknown stack/.test(String(error))) return undefined;
    throw error;
  }
}

/** An object as a stack's state has it. */
export interface Recorded {
  readonly object: KubeObject;
  /** What was registered for it. */
  readonly inputs: KubeObject;
}

/**
 * The objects that the engine knows of this stack, by `keyOf`: what it will update and delete. Whatever else is live, it
 * never looks at.
 */
export async function recordedObjects(stack: string): Promise<ReadonlyMap<string, Recorded>> {
  // The call below ends the engine itself on a stack that was never updated (GetStackResourceOutputs, nil snapshot).
  const outputs = await tryStackOutputs(stack);
  if (outputs === undefined || Object.keys(outputs).length === 0) return new Map();
  const { outputs: resources } = (await runtime.invoke('pulumi:pulumi:readStackResourceOutputs', {
    stackName: qualified(stack),
  })) as { outputs: Record<string, { type: string; outputs: Record<string, unknown> }> };
  const objects = Object.values(resources)
    .filter(({ type }) => type.startsWith('kubernetes:'))
    .map(({ outputs: { __inputs, ...object } }) => ({ object: object as KubeObject, inputs: __inputs as KubeObject }));
  return new Map(objects.map((recorded) => [keyOf(recorded.object), recorded]));
}
