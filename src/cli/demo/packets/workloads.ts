import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthority, type Authority } from '../../../../lab/authority.js';
import { addresses } from '../../../../lab/data-plane/addresses.js';
import type { CallAnswer } from '../../../../lab/data-plane/call.js';
import type { DataPlane, LabPod, PodContainers } from '../../../../lab/data-plane/data-plane.js';
import { listenProgram, type ListenerPort } from '../../../../lab/data-plane/place.js';
import { startIssuer, type Issuer } from '../../../../lab/issuer.js';
import { obtainAll } from '../../../../lab/obtain.js';
import { startSds, type Sds } from '../../../../lab/sds.js';
import { startUpstream, type Upstream } from '../../../../lab/upstream.js';
import type { Cluster } from '../../../bridge/cluster.js';
import { APP_PORTS, SYSTEM_AUTHORITIES } from '../../../constructs/envoy/front-config.js';
import { OUTBOUND } from '../../../constructs/envoy/outbound-config.js';
import { START_GATE } from '../../../constructs/start-gate.js';
import { agentDnsOf, COMPONENTS, PORTS } from '../../../model/edges.js';
import { spiffeId } from '../../../model/identity.js';
import { AGENT_ROLE, LABELS } from '../../../model/names.js';
import type { Platform } from '../../../model/platform.js';
import { SPIRE_SOCKETS } from '../../../model/spire.js';
import { clusterDnsCorefile } from './names.js';
import { podOf, type Labels } from './pod-of.js';
import { createSecrets } from './secrets.js';

export interface WorkloadsOptions {
  readonly plane: DataPlane;
  readonly admin: Cluster;
  readonly platform: Platform;
  /** Issues what does not come from SPIRE: it is the platform's `front.certificateAuthority`, and OpenFGA's. */
  readonly servers: Authority;
  /** Its preshared key. */
  readonly openfga: { readonly token: string } & OpenFgaPlace;
  /** The programs of the authorizer's image, with what Node needs before them. */
  readonly programs: Readonly<Record<'authorizer' | 'startGate', readonly string[]>>;
}

/** On loopback, answering at its pod too; or in its pod, answering on loopback too, for the engine. */
type OpenFgaPlace = { readonly runs: number } | { readonly published: number };

/** The agents that play, by workspace. */
export const AGENTS = { 'ws-acme': 'sales-bot', 'ws-globex': 'support-bot' } as const;
export type WorkspaceId = keyof typeof AGENTS;
/** Who runs in a pod: an agent by its workspace. */
export type Who = WorkspaceId | 'front' | 'openfga' | 'collector' | 'cluster DNS' | `DNS of ${WorkspaceId}`;

interface Running {
  readonly pod: LabPod;
  readonly containers?: PodContainers;
}

const WORLD_PORTS: readonly ListenerPort[] = [
  'tcp:443',
  'tcp:8443',
  'tcp:8080',
  'tcp:80',
  'tcp:10250',
  'tcp:22',
  'tcp:53',
  'udp:53',
];

/**
 * The samples' pods at work: everything on the way of a call runs in its pod's own namespace, from the objects that the
 * API server gives back, as rendered. An agent's program calls its own Envoy, packets go through Cilium to the front's,
 * which asks the authorizer over a socket, and that asks OpenFGA, over packets again. Stood in for are SPIRE's agent,
 * cluster DNS's knowledge, the identity provider and the control plane behind the front.
 */
export class Workloads {
  readonly #running = new Map<Who, Running>();
  readonly #spire = new Map<Who, Sds>();

  private constructor(
    private readonly options: WorkloadsOptions,
    readonly issuer: Issuer,
    readonly upstream: Upstream,
    private readonly authority: Authority,
    private readonly paths: Readonly<Record<'envoy' | 'coredns' | 'openfga', string>>,
  ) {}

  /** Starts what others ask: the world, cluster DNS and OpenFGA, which has no model yet where it runs in its pod. */
  static async start(options: WorkloadsOptions): Promise<Workloads> {
    const { platform, servers, openfga, admin, plane } = options;
    const { hostname } = new URL(platform.tokens.jwksUri);
    const found = await obtainAll(['envoy', 'coredns', 'openfga']);
    const workloads = new Workloads(
      options,
      await startIssuer({ authority: servers, issuer: platform.tokens.issuer, host: hostname }),
      await startUpstream(),
      await createAuthority(platform.trustDomain),
      { envoy: found.envoy.path, coredns: found.coredns.path, openfga: found.openfga.path },
    );
    await createSecrets(admin, platform, servers, workloads.issuer, openfga.token);
    await plane.bringIn(workloads.issuer.port, plane.world, [`${addresses.identityProvider}:443`]);
    await plane.world.listen('world', WORLD_PORTS);
    await plane.node.listen('node', ['tcp:10250', 'tcp:22']);
    await Promise.all([workloads.#clusterDns(), workloads.#openfga(), workloads.#collector()]);
    return workloads;
  }

  /** Gives the front, the workspaces' DNS and their agents their pods, and every one that has a new pod since that one. */
  async follow(): Promise<void> {
    await Promise.all([this.#front(), ...(Object.keys(AGENTS) as WorkspaceId[]).map((id) => this.#workspace(id))]);
  }

  /** Where somebody runs now. An agent is known by its workspace. */
  pod(who: Who): LabPod {
    return this.#get(who).pod;
  }

  containersOf(who: Who): PodContainers {
    const { containers } = this.#get(who);
    if (containers === undefined) throw new Error(`${who} runs no containers`);
    return containers;
  }

  /** What the authorizer decided last. */
  lastDecision(): Readonly<Record<string, unknown>> {
    return (this.containersOf('front').lines('authorizer').at(-1)?.['data'] ?? {}) as Readonly<Record<string, unknown>>;
  }

  /** A token of the workspace's agent. */
  token(workspaceId: WorkspaceId): Promise<string> {
    const { audience: aud } = this.options.platform.tokens;
    return this.issuer.mint({ sub: AGENTS[workspaceId], aud, workspaceId });
  }

  /** A call as the workspace's agent makes it: to its own Envoy, with its token. */
  async call(
    workspace: WorkspaceId,
    call: { readonly method?: string; readonly path: string; readonly body?: string },
  ): Promise<CallAnswer> {
    const { path, ...rest } = call;
    const headers = {
      authorization: `Bearer ${await this.token(workspace)}`,
      ...(call.body !== undefined && { 'content-type': 'application/json' }),
    };
    return this.pod(workspace).call({ ...rest, url: `http://${OUTBOUND.address}:${OUTBOUND.http}${path}`, headers });
  }

  /** Takes an agent's SVID away, or gives it back. */
  async serveSvid(workspace: WorkspaceId, has: boolean): Promise<void> {
    const id = this.#idOf(this.pod(workspace).namespace, AGENTS[workspace]);
    this.#spire.get(workspace)?.serve(await this.#served(id, has));
  }

  async stop(): Promise<void> {
    for (const spire of this.#spire.values()) await spire.stop();
    await this.issuer.stop();
    await this.upstream.stop();
  }

  async #front(): Promise<void> {
    const { plane, servers, programs } = this.options;
    const { name, namespace, labels } = COMPONENTS.apiServer;
    await this.#play('front', namespace, labels, async (pod) => {
      await plane.bringIn(this.upstream.port, pod, [`:::${APP_PORTS.http}`, `127.0.0.1:${APP_PORTS.grpc}`]);
      const containers = await plane.run(pod, {
        programs: { envoy: [this.paths.envoy], authorizer: programs.authorizer },
        imageFiles: { [SYSTEM_AUTHORITIES]: servers.certificate },
        beforeStart: (volume) => this.#startSpire('front', volume, this.#idOf(namespace, name)),
      });
      await containers.ready('authorizer');
      return containers;
    });
  }

  async #workspace(id: WorkspaceId): Promise<void> {
    const { plane, programs, platform } = this.options;
    const { namespace = '' } = platform.workspaces.find((each) => each.id === id) ?? {};
    if (platform.agentDns.mode === 'agent-dns') {
      const dns = agentDnsOf({ id, namespace });
      await this.#play(`DNS of ${id}`, dns.namespace, dns.labels, (pod) =>
        plane.run(pod, { programs: { coredns: [this.paths.coredns] } }),
      );
    }
    const agent = AGENTS[id];
    const labels = { [LABELS.role]: AGENT_ROLE, [LABELS.workspace]: id, [LABELS.agent]: agent };
    await this.#play(id, namespace, labels, (pod) =>
      plane.run(pod, {
        programs: {
          envoy: [this.paths.envoy],
          [START_GATE]: programs.startGate,
          agent: listenProgram(agent, [`tcp:${PORTS.metrics.target}`]),
        },
        beforeStart: (volume) => this.#startSpire(id, volume, this.#idOf(namespace, agent)),
      }),
    );
  }

  async #clusterDns(): Promise<void> {
    const { plane, admin, platform } = this.options;
    const { namespace, podLabels } = platform.cluster.dns;
    const file = join(plane.dir, 'cluster-dns.corefile');
    writeFileSync(file, await clusterDnsCorefile(admin, platform));
    await this.#play('cluster DNS', namespace, podLabels, async (pod) => {
      await pod.start({ name: 'cluster-dns', command: this.paths.coredns, args: ['-conf', file] });
    });
  }

  async #openfga(): Promise<void> {
    const { plane, openfga } = this.options;
    const { name, namespace, labels } = COMPONENTS.openfga;
    await this.#play('openfga', namespace, labels, async (pod) => {
      if ('runs' in openfga) return plane.bringIn(openfga.runs, pod, [`:::${PORTS.openfga.target}`]);
      const containers = await plane.run(pod, { programs: { [name]: [this.paths.openfga] } });
      await containers.ready(name);
      await plane.bringOut(pod, `127.0.0.1:${PORTS.openfga.target}`, openfga.published);
      return containers;
    });
  }

  async #collector(): Promise<void> {
    const { namespace, labels } = COMPONENTS.collector;
    await this.#play('collector', namespace, labels, async (pod) => {
      await pod.listen('collector', [`tcp:${PORTS.otlp.target}`]);
    });
  }

  /** Runs somebody in its pod, unless it runs there already. */
  async #play(
    who: Who,
    namespace: string,
    labels: Labels,
    run: (pod: LabPod) => Promise<PodContainers | void>,
  ): Promise<void> {
    const known = this.#running.get(who)?.pod;
    const pod = await podOf(this.options.plane, this.options.admin, namespace, labels, known);
    if (pod === known) return;
    const containers = await run(pod);
    this.#running.set(who, { pod, ...(containers && { containers }) });
  }

  async #startSpire(who: Who, volume: (name: string) => string, id: string): Promise<void> {
    await this.#spire.get(who)?.stop();
    const socket = join(volume(SPIRE_SOCKETS.volume), SPIRE_SOCKETS.file);
    this.#spire.set(who, await startSds(socket, await this.#served(id, true)));
  }

  async #served(id: string, has: boolean) {
    return {
      ...(has && { svids: { [id]: await this.authority.issue({ uris: [id] }) } }),
      bundles: { [this.options.platform.trustDomain]: this.authority.certificate },
    };
  }

  #idOf(namespace: string, account: string): string {
    return spiffeId(namespace, account, this.options.platform.trustDomain);
  }

  #get(who: Who): Running {
    const running = this.#running.get(who);
    if (running === undefined) throw new Error(`${who} does not run yet`);
    return running;
  }
}
