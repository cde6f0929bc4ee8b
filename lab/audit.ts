import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the API server writes its audit log, one JSON event a line, and what it is told to write. */
export const auditLog = (folder: string): string => join(folder, 'audit.log');
export const auditPolicy = (folder: string): string => join(folder, 'audit-policy.json');

/**
 * Changes of this program's custom resources, with the annotations that admission adds and without what was changed:
 * what a production cluster keeps of them at least (docs/allowlist.md). Nothing else, so that a lab costs no more.
 */
export function writeAuditPolicy(folder: string): void {
  const policy = {
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    rules: [
      {
        level: 'Metadata',
        verbs: ['create', 'update', 'patch', 'delete'],
        resources: [{ group: 'enforcement.portarium.io' }],
      },
      { level: 'None' },
    ],
  };
  writeFileSync(auditPolicy(folder), JSON.stringify(policy), { mode: 0o600 });
}
