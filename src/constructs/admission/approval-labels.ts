import { LABELS } from '../../model/names.js';
import { label } from '../guards/cel.js';
import type { Refusal } from './admission-policy.js';

/** The value of `portarium.io/approval` on the approval that counts. */
export const CURRENT = 'current';

/** The labels of a workspace's current approval, since bindings find parameters by labels only. */
export const approvalLabels = (workspaceId: string): Readonly<Record<string, string>> => ({
  [LABELS.workspace]: workspaceId,
  [LABELS.approval]: CURRENT,
});

const state = (of: 'object' | 'oldObject'): string => label(LABELS.approval, of);

/** An approval begins as the current one, for its own workspace, and may give way to another, never come back. */
export const approvalLabelRefusal: Refusal = {
  expression:
    `${label(LABELS.workspace)} == object.spec.workspaceId && ` +
    `(request.operation == "CREATE" ? ${state('object')} == "${CURRENT}" : ${state('object')} in ["", ${state('oldObject')}])`,
  message: `A PolicyApproval has the labels ${LABELS.workspace}=<workspaceId> and ${LABELS.approval}=${CURRENT}; the second is only ever taken away. Approve anew.`,
  messageExpression: `"A PolicyApproval has the labels ${LABELS.workspace}=" + object.spec.workspaceId + " and ${LABELS.approval}=${CURRENT}; the second is only ever taken away, when another approval counts. Approve anew."`,
};
