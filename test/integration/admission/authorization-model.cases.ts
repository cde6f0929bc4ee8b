import { describe, expect, it } from 'vitest';
import { MODEL_HASH } from '../../../src/model/authorization/model.js';
import { publishedObject } from '../../../src/model/authorization/published.js';
import { ADMITTED, admin, dryDelete, outcome, settled, users } from './install.js';

const STORE = '01JJJJJJJJJJJJJJJJJJJJJJJ1';
const OTHER = '01JJJJJJJJJJJJJJJJJJJJJJJ2';
/** What the policies of these tests pin, and what none does. */
const pinned = publishedObject({ hash: MODEL_HASH, storeId: STORE, modelId: STORE });
const free = publishedObject({ hash: 'f'.repeat(64), storeId: STORE, modelId: STORE });

export function authorizationModelCases(): void {
  describe('an AuthorizationModel', () => {
    it('is published by the platform’s deployers and break-glass, and nobody else', async () => {
      for (const by of ['platform-deployer', 'breakglass'] as const) {
        expect(await outcome(users[by].apply(pinned, { dryRun: true }))).toMatch(ADMITTED);
      }
      for (const by of [users['ws-acme-deployer'], users.mallory, users.bob, admin]) {
        expect(await outcome(by.apply(pinned, { dryRun: true }))).toContain(
          'Only the groups portarium:platform-deployers and portarium:break-glass may write an AuthorizationModel: it decides which model workspaces are judged by.',
        );
      }
    });

    it('stands in portarium-policy, under its hash, with ids of OpenFGA', async () => {
      const created = (object: typeof pinned) => outcome(users['platform-deployer'].create(object, { dryRun: true }));
      const elsewhere = { ...free, metadata: { ...free.metadata, namespace: 'a-agents' } };
      expect(await created(elsewhere)).toContain('AuthorizationModels live in the namespace portarium-policy');
      const renamed = { ...free, metadata: { ...free.metadata, name: 'e'.repeat(64) } };
      expect(await created(renamed)).toContain('metadata.name must be spec.hash');
      expect(await created({ ...free, spec: { ...(free['spec'] as object), modelId: 'latest' } })).toContain(
        'spec.modelId',
      );
    });

    it('never changes, whoever asks', async () => {
      await users['platform-deployer'].apply(pinned);
      const changed = publishedObject({ hash: MODEL_HASH, storeId: STORE, modelId: OTHER });
      for (const by of ['platform-deployer', 'breakglass'] as const) {
        expect(await outcome(users[by].apply(changed, { dryRun: true }))).toContain(
          'an AuthorizationModel cannot be changed',
        );
        expect(await outcome(users[by].apply(pinned, { dryRun: true }))).toMatch(ADMITTED);
      }
    });

    it('stays while a WorkspacePolicy pins it', async () => {
      await users['platform-deployer'].apply(pinned);
      await users['platform-deployer'].apply(free);
      const words = await settled(() => users['platform-deployer'].delete(pinned, { dryRun: true }), /pins the model/);
      expect(words).toMatch(
        new RegExp(
          `The WorkspacePolicy ws-\\w+ pins the model ${MODEL_HASH}; its workspace could not be decided about`,
        ),
      );
      expect(await dryDelete('platform-deployer', pinned)).toContain('pins the model');
      expect(await dryDelete('platform-deployer', free)).toMatch(ADMITTED);
      expect(await dryDelete('breakglass', pinned)).toMatch(ADMITTED);
      expect(await dryDelete('ws-acme-deployer', free)).toContain('Only the groups portarium:platform-deployers');
    });
  });
}
