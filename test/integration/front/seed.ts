import type { Cluster } from '../../../src/bridge/cluster.js';
import type { Stack } from '../../../src/config/load.js';
import { AUTHORIZATION_MODEL, MODEL_HASH } from '../../../src/model/authorization/model.js';
import { workspaceTuples } from '../../../src/model/authorization/tuples.js';
import { ensureModel } from '../../../src/openfga/model.js';
import { OpenFgaServer } from '../../../src/openfga/server.js';
import { ensureStore } from '../../../src/openfga/store.js';
import { reconcileTuples } from '../../../src/openfga/tuples.js';

export async function seed(admin: Cluster, stacks: readonly Stack[]): Promise<void> {
  for (const stack of stacks) {
    const { openfga } = stack.platform;
    const server = await OpenFgaServer.connect({
      url: openfga.api!.url,
      certificateAuthority: openfga.certificateAuthority,
    });
    const { id: storeId } = await ensureStore(server, openfga.storeName);
    const { id: modelId } = await ensureModel(server, storeId, AUTHORIZATION_MODEL, []);
    await admin.apply({
      apiVersion: 'enforcement.portarium.io/v1alpha1',
      kind: 'AuthorizationModel',
      metadata: { name: MODEL_HASH, namespace: 'portarium-policy' },
      spec: { hash: MODEL_HASH, storeId, modelId },
    });
    if (stack.kind !== 'platform') {
      await reconcileTuples(
        server,
        { storeId, modelId },
        stack.workspace.id,
        workspaceTuples(stack.platform, stack.workspace),
      );
    }
    server.close();
  }
}
