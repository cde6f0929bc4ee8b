import { setTimeout as sleep } from 'node:timers/promises';
import { connectTo, type Call } from '../lab/client.js';
import { startLoad } from '../lab/load.js';
import type { Json } from '../lab/rewrite.js';
import type { Sidecars } from '../lab/sidecars.js';
import type { DecisionRecord } from '../src/authorizer/record.js';
import { AUTHORIZER } from '../src/cli/demo/calls.js';
import { Front } from '../src/cli/demo/front.js';
import { Stage } from '../src/cli/demo/stage.js';
import { createStandIns } from '../src/cli/demo/stand-ins.js';
import { deploy } from '../src/cli/engine.js';
import type { Output } from '../src/cli/output.js';
import { loadStack } from '../src/config/load.js';
import { IDENTITY_CHECK } from '../src/constructs/envoy/front-config.js';
import { cpuOfProcess, memoryOfProcess } from './process.js';

/** MiB of a process (proc(5)). */
export interface Memory {
  /** RssAnon: what its cgroup's working set comes to (beside each other: 15 and 16), and its limit cannot reclaim. */
  readonly own: number;
  /** VmRSS: with the mapped pages of its program, which all pods of a node share and the kernel may drop. */
  readonly resident: number;
}

/** What one arrangement of the two sidecars cost. */
export interface Hop {
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Milliseconds of CPU that both Envoys took for a request; the clock of the machine does not show in it. */
  readonly cpu: number;
  /** The same of the authorizer. */
  readonly authorizer: number;
  /** Milliseconds, of decisions and of OpenFGA's part in them, by the records. */
  readonly decision: Percentiles;
  readonly openfga: Percentiles;
  /** Of the workload's sidecar before its first call. */
  readonly idle: Memory;
}

export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
}

/**
 * `plain`: no TLS between the sidecars; `mtls`: SVIDs both ways; both without filters. `front`: as rendered. Of calls of
 * a tool: `allowlist`, by Envoy's own RBAC filter and nothing else, and `tool`, as rendered.
 */
export const ARRANGEMENTS = ['plain', 'mtls', 'front', 'allowlist', 'tool'] as const;
type Arrangement = (typeof ARRANGEMENTS)[number];

const SECONDS = 4;
const FILTERS = /^(envoy\.filters\.http\.(jwt_authn|ext_authz|local_ratelimit)|portarium\..*)$/;

/** Runs the arrangements in turn, several times, on one lab, with the same client and the same application. */
export async function measureFront(rounds: number): Promise<Readonly<Record<Arrangement, readonly Hop[]>>> {
  const output: Output = {
    json: true,
    line: nothing,
    result: nothing,
    progress: (text) => process.stderr.write(`${text}\n`),
  };
  const stage = new Stage('stacks');
  const hops: Record<Arrangement, Hop[]> = { plain: [], mtls: [], front: [], allowlist: [], tool: [] };
  try {
    await stage.open(output);
    stage.configure('platform', ['front', 'requestsPerSecond'], 100_000);
    const quiet = { ...output, progress: nothing };
    const up = (stack: string, user: 'platform-deployer' | 'ws-acme-deployer') =>
      stage.as(user).then((cluster) => deploy('apply', cluster, { stack, stacks: stage.stacks }, quiet));
    await up('platform', 'platform-deployer');
    const { platform } = loadStack('platform', { dir: stage.stacks });
    await createStandIns(await stage.admin(), platform);
    await up('platform', 'platform-deployer');
    await up('ws-acme', 'ws-acme-deployer');
    const options = {
      cluster: await stage.admin(),
      platform,
      servers: stage.servers,
      openfga: stage.openfga,
      authorizer: { program: [process.execPath, AUTHORIZER], kubeconfig: await stage.authorizerKubeconfig() },
    };
    for (let round = 0; round < rounds; round += 1) {
      for (const arrangement of ARRANGEMENTS) {
        output.progress(`round ${round + 1} of ${rounds}: ${arrangement}`);
        hops[arrangement].push(await measureOne(options, arrangement));
      }
    }
  } finally {
    await stage.close();
  }
  return hops;
}

const nothing = (): void => undefined;

async function measureOne(options: Parameters<typeof Front.start>[0], arrangement: Arrangement): Promise<Hop> {
  const front = await Front.start({ ...options, alter: (config) => without(config, arrangement) });
  try {
    const { sidecars } = await front.caller('portarium-agents', 'sales-bot');
    const idle = memoryOf(sidecars);
    const token = await front.issuer.mint({ sub: 'sales-bot', aud: 'portarium', workspaceId: 'ws-acme' });
    const client = connectTo({ port: sidecars.ports['outbound'] ?? 0 });
    const headers = { authorization: `Bearer ${token}` };
    const call = () =>
      client.call(arrangement === 'allowlist' || arrangement === 'tool' ? propose(headers) : { path: RUNS, headers });
    // The sidecar finds the way by mTLS a moment after its start; what came by `bearer` is another way.
    const deadline = performance.now() + 20_000;
    for (let found = false; !found; await sleep(100)) {
      if (performance.now() > deadline) throw new Error(`${arrangement}: no call came through by mTLS within 20 s`);
      const { status, body } = await call();
      found = status === 200 && (arrangement === 'plain' || body.includes('x-forwarded-client-cert'));
      if (status !== 200 && status !== 503) throw new Error(`answered ${status}: ${body}`);
    }
    const before = cpuOf(sidecars) + cpuOf(front.sidecars);
    const decided = cpuOf(front.sidecars, 'authorizer');
    const load = startLoad(call, ({ status }) => status === 200);
    await sleep(SECONDS * 1000);
    const { durations, failures, calls } = await load.stop();
    const cpu = (cpuOf(sidecars) + cpuOf(front.sidecars) - before) / calls;
    client.close();
    if (failures.length > 0)
      throw new Error(`${failures.length} of ${calls} calls failed: ${JSON.stringify(failures[0])}`);
    const authorizer = (cpuOf(front.sidecars, 'authorizer') - decided) / calls;
    const records = front.sidecars
      .lines('authorizer')
      .flatMap(({ data }) => (data === undefined ? [] : [data as unknown as DecisionRecord]));
    const parts = { decision: percentiles(records.map(({ latencyMs }) => latencyMs)), openfga: openfgaOf(records) };
    return { ...percentiles(durations), cpu, authorizer, idle, ...parts };
  } finally {
    await front.stop();
  }
}

const RUNS = '/v1/workspaces/ws-acme/runs';

const propose = (headers: Call['headers']): Call => ({
  method: 'POST',
  path: '/v1/workspaces/ws-acme/agent-actions:propose',
  headers: { ...headers, 'content-type': 'application/json' },
  body: JSON.stringify({
    agentId: 'sales-bot',
    actionKind: 'tool_call',
    toolName: 'invoice:read',
    parameters: { id: 1 },
  }),
});

const openfgaOf = (records: readonly DecisionRecord[]): Percentiles =>
  percentiles(records.flatMap(({ openfga }) => (openfga ? [openfga.latencyMs] : [])));

function percentiles(values: readonly number[]): Percentiles {
  const ascending = [...values].sort((a, b) => a - b);
  const at = (share: number): number => ascending[Math.floor(ascending.length * share)] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

/** What Envoy can do of it by itself: read the name out of the body, and let the listed ones through. */
const ALLOWLIST: readonly Json[] = [
  {
    name: 'envoy.filters.http.json_to_metadata',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.http.json_to_metadata.v3.JsonToMetadata',
      request_rules: {
        rules: [
          {
            selectors: [{ key: 'toolName' }],
            on_present: { metadata_namespace: 'bench', key: 'tool' },
            on_missing: { metadata_namespace: 'bench', key: 'none', value: 'yes' },
            on_error: { metadata_namespace: 'bench', key: 'none', value: 'yes' },
          },
        ],
      },
    },
  },
  {
    name: 'envoy.filters.http.rbac',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC',
      rules: {
        action: 'ALLOW',
        policies: {
          // How a client's sidecar sees that the way is open.
          check: {
            principals: [{ any: true }],
            permissions: [{ url_path: { path: { exact: IDENTITY_CHECK } } }],
          },
          tools: {
            principals: [{ any: true }],
            permissions: [
              {
                sourced_metadata: {
                  metadata_matcher: {
                    filter: 'bench',
                    path: [{ key: 'tool' }],
                    value: {
                      or_match: {
                        value_matchers: ['invoice:create', 'invoice:read', 'ticket:update', 'contact:create'].map(
                          (exact) => ({
                            string_match: { exact },
                          }),
                        ),
                      },
                    },
                  },
                },
              },
            ],
          },
        },
      },
    },
  },
];

/** The configuration without what an arrangement does without. */
function without(value: Json, arrangement: Arrangement): Json {
  if (arrangement === 'front' || arrangement === 'tool') return value;
  if (Array.isArray(value)) {
    const kept = value
      .filter((item: Json) => !FILTERS.test(nameOf(item)))
      .map((item: Json) => without(item, arrangement));
    const filtered = value.some((item: Json) => nameOf(item) === 'envoy.filters.http.ext_authz');
    return arrangement === 'allowlist' && filtered ? [...ALLOWLIST, ...kept] : kept;
  }
  if (typeof value !== 'object' || value === null) return value;
  const plain = arrangement === 'plain' && ['agents', 'front-mtls'].includes(nameOf(value));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'typed_per_filter_config')
      .map(([key, member]) => [key, plain ? bare(without(member, arrangement)) : without(member, arrangement)])
      .filter(([key]) => !(plain && key === 'transport_socket')),
  ) as Json;
}

const nameOf = (value: Json): string => {
  const { name } = (typeof value === 'object' && value !== null ? value : {}) as { name?: Json };
  return typeof name === 'string' ? name : '';
};

/** Filter chains without TLS. */
function bare(value: Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => bare(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => !key.startsWith('transport_socket')));
}

const cpuOf = (sidecars: Sidecars, container = 'envoy'): number => cpuOfProcess(sidecars.pid(container));

function memoryOf(sidecars: Sidecars): Memory {
  const pid = sidecars.pid('envoy');
  return { own: memoryOfProcess(pid, 'RssAnon'), resident: memoryOfProcess(pid, 'VmRSS') };
}
