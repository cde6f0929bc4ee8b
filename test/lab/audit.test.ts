import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { auditPolicy, writeAuditPolicy } from '../../lab/audit.js';

it('the audit log is of our custom resources’ changes, without their content, and of nothing else', () => {
  const folder = mkdtempSync(join(tmpdir(), 'audit-'));
  try {
    writeAuditPolicy(folder);
    const { rules } = JSON.parse(readFileSync(auditPolicy(folder), 'utf8')) as { rules: object[] };
    expect(rules).toEqual([
      {
        level: 'Metadata',
        verbs: ['create', 'update', 'patch', 'delete'],
        resources: [{ group: 'enforcement.portarium.io' }],
      },
      { level: 'None' },
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
