import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../src/model/kube-object.js';
import { LABELS } from '../../../src/model/names.js';
import { openEgress, relaxation } from './fixture.js';
import { ADMITTED, outcome, settled, users } from './install.js';
import { approve, end } from './relaxation.cases.js';

/** ws-globex has reached `enforced` by now. */
const opening = (name: string, by: string): KubeObject =>
  openEgress({ name, namespace: 'a-shared', workspace: 'ws-globex', labels: { [LABELS.relaxation]: by } });
const deployer = users['ws-globex-deployer'];

const PAST = '2020-01-01T00:00:00Z';
const entry = (manager: string, operation: 'Update' | 'Apply') => ({
  manager,
  operation,
  apiVersion: 'networking.k8s.io/v1',
  time: PAST,
  fieldsType: 'FieldsV1',
  fieldsV1: { 'f:metadata': { 'f:labels': { 'f:portarium.io/relaxation': {} } } },
});

export function clockCases(): void {
  describe('the API server’s clock', () => {
    it('cannot be set back by the caller', async () => {
      await users.alice.create(relaxation({ name: 'c-first', workspaceId: 'ws-globex' }));
      await approve(users.carol, 'c-first', 'carol');
      expect(await settled(() => deployer.create(opening('clock', 'c-first'), { dryRun: true }), ADMITTED)).toBe('');
      await deployer.create(opening('clock', 'c-first'));
      await end(users.alice, 'c-first', 'alice');
      await users.alice.create(relaxation({ name: 'c-second', workspaceId: 'ws-globex', seconds: 3 }));
      await approve(users.carol, 'c-second', 'carol');
      const created = () =>
        deployer.create(
          {
            ...opening('late', 'c-second'),
            metadata: { ...opening('late', 'c-second').metadata, creationTimestamp: PAST },
          },
          { dryRun: true },
        );
      expect(await settled(created, /expired/)).toContain('c-second expired at');

      const labels = { [LABELS.relaxation]: 'c-second' };
      const relabel = (metadata: object, fieldManager?: string): Promise<string> =>
        outcome(
          deployer.mergePatch(
            opening('clock', 'c-first'),
            { metadata: { labels, ...metadata } },
            { dryRun: true, ...(fieldManager && { fieldManager }) },
          ),
        );
      expect(await relabel({})).toContain('c-second expired at');
      expect(await relabel({ managedFields: [{}] })).toContain('c-second expired at');
      expect(await relabel({ managedFields: [] })).toContain('c-second expired at');
      expect(await relabel({ managedFields: [entry('forger', 'Update')] }, 'forger')).toContain('c-second expired at');
      expect(await relabel({ managedFields: [entry('other', 'Apply')] }, 'forger')).toContain('c-second expired at');
      expect(await relabel({ creationTimestamp: PAST })).toContain('c-second expired at');
      expect(await outcome(deployer.apply(opening('clock', 'c-second'), { dryRun: true }))).toContain(
        'c-second expired at',
      );
      await end(users.alice, 'c-second', 'alice');
      await deployer.delete(opening('clock', 'c-first'));
    });
  });
}
