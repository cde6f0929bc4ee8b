import { namesWith } from '../metrics.js';
import { NAMESPACES } from '../names.js';
import type { Platform } from '../platform.js';
import type { Alert, Recording, Scope } from './alert.js';
import { blindSpotAlerts } from './blind-spots.js';
import { changeAlerts } from './change.js';
import { directCallAlerts } from './direct-calls.js';
import { mtlsAlerts } from './mtls.js';
import { openfgaAlerts } from './openfga.js';
import { pipelineAlerts } from './pipeline.js';
import { policyAlerts } from './policy.js';
import { inventory, recordings } from './recording.js';
import { scaled, scaledSeconds } from './scaled.js';
import { spireAlerts } from './spire.js';

/** What rules are made from; `factor` divides every duration, for a test that cannot wait. */
export const scopeOf = (platform: Platform, factor = 1): Scope => ({
  names: namesWith(platform.monitoring.metricNames),
  time: (duration) => scaled(duration, factor),
  seconds: (duration) => scaledSeconds(duration, factor),
  workspaces: platform.workspaces.map(({ id, namespace }) => ({
    id,
    namespace,
    pending: platform.pending.includes(id),
  })),
  prometheus: platform.monitoring.prometheus?.url ?? `http://prometheus.${NAMESPACES.observability}:9090`,
  hubble: platform.network.cilium,
});

/** In the order in which they must be evaluated. */
export const allRecordings = (scope: Scope): readonly Recording[] => [...inventory(scope), ...recordings(scope)];

export const allAlerts = (scope: Scope): readonly Alert[] => [
  ...directCallAlerts(scope),
  ...blindSpotAlerts(scope),
  ...policyAlerts(scope),
  ...mtlsAlerts(scope),
  ...spireAlerts(scope),
  ...openfgaAlerts(scope),
  ...changeAlerts(scope),
  ...pipelineAlerts(scope),
];
