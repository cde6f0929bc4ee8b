import type { ApiServer } from './api-server.js';
import { check } from './check.js';
import type { Config } from './config.js';
import { follow, type Log } from './follow.js';
import { serveChecks } from './grpc.js';
import { serveHttp } from './http.js';
import { Metrics } from './metrics.js';
import { openFga } from './openfga.js';
import { Observations } from './observations.js';
import { KINDS, Policies } from './policies.js';
import { readinessOf } from './readiness.js';
import { records } from './records.js';
import type { DecisionRecord } from './record.js';
import { listens } from './socket.js';

export interface ServeOptions {
  /** Paths of the unix sockets: gRPC for Envoy's questions, HTTP for probes and metrics. */
  readonly socket: string;
  readonly http: string;
  readonly config: Config;
  readonly api: ApiServer;
  readonly onRecord: (record: DecisionRecord) => void;
  readonly onLog: Log;
  /** Name of this replica in `status.observed` of the policies. */
  readonly replica: string;
}

/** Milliseconds for which a record of the control plane is used again; the most that upstream's ADR-0098 permits. */
const RECORD_CACHE = 5_000;

/** Milliseconds for what is under way when the process is told to end. */
const PATIENCE = 5_000;

/** Serves until `stop` is called; stopping says so on /ready, answers what is under way and returns. */
export async function serve(options: ServeOptions): Promise<{ readonly stop: () => Promise<void> }> {
  const { config, api, onRecord, onLog } = options;
  const policies = new Policies({ trustDomain: config.trustDomain, contactLasts: config.contactSeconds * 1000 });
  const metrics = new Metrics(policies);
  const sources = {
    openfga: openFga(config.openfga),
    records: records({ ...config.apiServer, cacheMs: RECORD_CACHE }),
  };
  const ending = new AbortController();
  const start = performance.now();

  const http = await serveHttp(options.http, {
    metrics,
    readiness: () =>
      readinessOf({
        policies,
        agentsListen: () => listens({ host: '127.0.0.1', port: config.listenerPort }),
        graceSeconds: config.graceSeconds,
        uptime: () => (performance.now() - start) / 1000,
        stopping: () => ending.signal.aborted,
      }),
  });
  const onFailure = (error: unknown) =>
    onLog('error', `a decision failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  const checks = await serveChecks(options.socket, (request) =>
    check(request, { config, policies, metrics, sources, onRecord, onFailure }),
  );
  const observations = new Observations({
    api,
    policies,
    config,
    replica: options.replica,
    signal: ending.signal,
    onLog,
  });
  const following = KINDS.map((kind) =>
    follow(kind, {
      api,
      policies,
      config,
      signal: ending.signal,
      onLog,
      ...(kind === 'policies' && { onChange: (object) => observations.note(object) }),
    }),
  );
  const looking = tellOfContact(policies, config, onLog);
  return {
    stop: async () => {
      ending.abort();
      clearInterval(looking);
      await Promise.all([checks.close(PATIENCE), ...following, observations.done]);
      await http.close(PATIENCE);
    },
  };
}

function tellOfContact(policies: Policies, { contactSeconds }: Config, onLog: Log): NodeJS.Timeout {
  let contact = false;
  return setInterval(() => {
    if (!policies.complete || policies.inContact === contact) return;
    contact = policies.inContact;
    if (contact) onLog('info', 'in contact with the API server: Relaxations hold');
    else onLog('error', `no word from the API server for ${contactSeconds} s: no Relaxation holds until there is one`);
  }, 250);
}
