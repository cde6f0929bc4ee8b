import { expect, test } from 'vitest';
import { planBetween } from '../../src/bridge/plan.js';
import { changeLines } from '../../src/cli/changes.js';
import type { KubeObject } from '../../src/model/kube-object.js';
import { LABELS } from '../../src/model/names.js';

const object = (kind: string, name: string, labels: Record<string, string>): KubeObject => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name, namespace: 'ns', labels },
});

test('what is no longer rendered is deleted, kept, or, where it is a workload of others, released', () => {
  const before = [
    object('Deployment', 'ours', { [LABELS.stack]: 'platform' }),
    object('Deployment', 'theirs', { [LABELS.patchedBy]: 'platform' }),
    object('Deployment', 'for-ever', { [LABELS.stack]: 'platform', [LABELS.keep]: 'baseline' }),
  ];
  const plain = changeLines(planBetween(before, [])).map((line) => line.replaceAll(/\u001b\[\d+m/g, ''));
  expect([...plain].sort()).toEqual([
    '- Deployment.apps ns/ours',
    '0 to create, 0 to update, 1 to delete, 0 unchanged, 1 to release, 1 kept',
    '= Deployment.apps ns/for-ever  (kept: no engine ever deletes it)',
    '~ Deployment.apps ns/theirs  (the patch is released, the rest stays)',
  ]);
});

test('a patch of what is not there says so', () => {
  const lines = changeLines([{ key: 'Deployment.apps ns/theirs', action: 'absent', fields: [] }]);
  expect(lines[0]).toMatch(/Deployment\.apps ns\/theirs {2}\(not there yet: apply again once it is\)$/);
  expect(lines.at(-1)).toBe('0 to create, 0 to update, 0 to delete, 0 unchanged, 1 absent');
});
