import { Field } from './field.js';
import type { KubeObject } from './kube-object.js';
import { CONTROLS } from './levels.js';
import type { Relaxation } from './relaxation.js';

/** Who ended a Relaxation and when, beside what the model needs. */
export interface LiveRelaxation extends Relaxation {
  readonly endedBy?: string;
  readonly endedAt?: Date;
}

/** A Relaxation as it stands in the cluster. Throws Unreadable. */
export function relaxationOf({ metadata, ...object }: KubeObject): LiveRelaxation {
  const spec = new Field(object['spec'], `Relaxation ${metadata.name}: spec`);
  const created = new Field(metadata['creationTimestamp'], `Relaxation ${metadata.name}: metadata.creationTimestamp`);
  const approvedBy = spec.get('approvedBy');
  const endedBy = spec.get('endedBy');
  const endedAt = spec.get('endedAt');
  return {
    name: metadata.name,
    workspaceId: spec.get('workspaceId').text(),
    controls: spec
      .get('controls')
      .list()
      .map((control) => control.oneOf(CONTROLS)),
    planHash: spec.get('planHash').text(),
    reason: spec.get('reason').text(),
    ticket: spec.get('ticket').text(),
    requestedBy: spec.get('requestedBy').text(),
    ...(approvedBy.present && { approvedBy: approvedBy.text() }),
    state: spec.get('state').oneOf(['requested', 'approved', 'ended']),
    createdAt: created.time(),
    expiresAt: spec.get('expiresAt').time(),
    ...(endedBy.present && { endedBy: endedBy.text() }),
    ...(endedAt.present && { endedAt: endedAt.time() }),
  };
}
