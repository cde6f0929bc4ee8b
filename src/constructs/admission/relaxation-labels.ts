import { CONTROLS, type Control } from '../../model/levels.js';
import { LABELS } from '../../model/names.js';
import type { RelaxationState } from '../../model/relaxation.js';
import { label } from '../guards/cel.js';
import type { Refusal } from './admission-policy.js';

/** `relaxes.portarium.io/<control>: <state>` on a Relaxation, since bindings find parameters by labels only. */
export const relaxesLabel = (control: Control | ''): string => `relaxes.portarium.io/${control}`;

/** The labels that a Relaxation must carry; admission refuses others. */
export const relaxationLabels = (relaxation: {
  readonly workspaceId: string;
  readonly controls: readonly Control[];
  readonly state: RelaxationState;
}): Readonly<Record<string, string>> => ({
  [LABELS.workspace]: relaxation.workspaceId,
  ...Object.fromEntries(relaxation.controls.map((control) => [relaxesLabel(control), relaxation.state])),
});

const expected = `variables.controls.map(control, ${JSON.stringify(relaxesLabel(''))} + control + (control in object.spec.controls ? "=" + object.spec.state : "-"))`;

/** CEL that `labelRefusal` needs. */
export const labelVariables = { controls: JSON.stringify(CONTROLS) } as const;

/** A Relaxation's labels say exactly what its spec says: what admission finds by them must be what was approved. */
export const labelRefusal: Refusal = {
  expression:
    `${label(LABELS.workspace)} == object.spec.workspaceId && variables.controls.all(control, ` +
    `object.metadata.?labels[?(${JSON.stringify(relaxesLabel(''))} + control)].orValue("") == (control in object.spec.controls ? object.spec.state : ""))`,
  message: `A Relaxation's labels repeat its spec: ${LABELS.workspace}=<workspaceId>, and ${relaxesLabel('')}<control>=<state> for each of its controls and no other.`,
  messageExpression: `"A Relaxation's labels repeat its spec. Set the labels ${LABELS.workspace}=" + object.spec.workspaceId + " " + ${expected}.join(" ") + "."`,
};
