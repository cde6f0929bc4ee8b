import { loadStacks } from '../../../src/config/load.js';
import type { Platform } from '../../../src/model/platform.js';

/** The sample platform with everything that adds alerts, and one workspace more that has no policy yet. */
export function monitoredPlatform(): Platform {
  const { platform } = loadStacks({ dir: 'stacks' });
  return {
    ...platform,
    network: { ...platform.network, cilium: true },
    workspaces: [
      { id: 'ws-acme', namespace: 'portarium-agents' },
      { id: 'ws-globex', namespace: 'portarium-agents-globex' },
      { id: 'ws-new', namespace: 'portarium-agents-new' },
    ],
    pending: ['ws-new'],
  };
}
