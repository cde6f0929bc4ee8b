import { join } from 'node:path';
import { createAuthority, type Authority, type KeyPair } from '../../../lab/authority.js';
import { startIssuer, type Issuer } from '../../../lab/issuer.js';
import { obtain } from '../../../lab/obtain.js';
import { startSds, type Sds, type Secrets } from '../../../lab/sds.js';
import { startSidecars, type PodSpec, type Sidecars, type SidecarsOptions } from '../../../lab/sidecars.js';
import { startUpstream, type Upstream } from '../../../lab/upstream.js';
import type { Cluster } from '../../bridge/cluster.js';
import { APP_PORTS, SYSTEM_AUTHORITIES } from '../../constructs/envoy/front-config.js';
import { COMPONENTS, PORTS } from '../../model/edges.js';
import { spiffeId } from '../../model/identity.js';
import { LABELS, serviceHost } from '../../model/names.js';
import type { Platform } from '../../model/platform.js';
import { SPIRE_SOCKETS } from '../../model/spire.js';

export interface FrontOptions {
  /** Where the objects are read back from. */
  readonly cluster: Cluster;
  readonly platform: Platform;
  /** Issues what does not come from SPIRE: it is the platform's `front.certificateAuthority`. */
  readonly servers: Authority;
  /** A server with the platform's models and tuples. */
  readonly openfga: { readonly port: number; readonly token: string };
  /** Runs the authorizer: the program of its image, and where its API server is from outside a cluster. */
  readonly authorizer: { readonly program: readonly string[]; readonly kubeconfig: string };
  /** Loopback port of a control plane behind the front. @default - one that answers what it got */
  readonly controlPlane?: (issuer: Issuer, servers: Authority) => Promise<number>;
  /** Another Envoy configuration to compare with. @default as rendered */
  readonly alter?: SidecarsOptions['alter'];
}

/** A workload's sidecar with the SPIRE of its pod. */
export interface Caller {
  readonly sidecars: Sidecars;
  readonly spire: Sds;
}

/**
 * The front of the control plane and its callers, run on loopback from the objects that the API server gives back: real
 * Envoys and the authorizer. SPIRE's Workload API is stood in for, the control plane behind the front and the issuer of
 * tokens too.
 */
export class Front {
  readonly #callers: Caller[] = [];
  #sidecars: Sidecars | undefined;
  #spire: Sds | undefined;

  private constructor(
    private readonly options: FrontOptions,
    readonly issuer: Issuer,
    readonly upstream: Upstream,
    private readonly envoy: string,
    /** Of the trust domain. */
    readonly authority: Authority,
  ) {}

  /** @param withSvid whether SPIRE has the front's entry already */
  static async start(options: FrontOptions, { withSvid = true } = {}): Promise<Front> {
    const { platform, servers } = options;
    const { hostname } = new URL(platform.tokens.jwksUri);
    const issuer = await startIssuer({ authority: servers, issuer: platform.tokens.issuer, host: hostname });
    const upstream = await startUpstream();
    const { path } = await obtain('envoy');
    const front = new Front(options, issuer, upstream, path, await createAuthority(platform.trustDomain));
    try {
      await front.#run(withSvid);
      return front;
    } catch (error) {
      await front.stop();
      throw error;
    }
  }

  get sidecars(): Sidecars {
    if (this.#sidecars === undefined) throw new Error('the front has not been started');
    return this.#sidecars;
  }

  /** SPIRE's agent on the front's node. */
  get spire(): Sds {
    if (this.#spire === undefined) throw new Error('the front has not been started');
    return this.#spire;
  }

  get id(): string {
    return this.idOf(COMPONENTS.apiServer.namespace, COMPONENTS.apiServer.name);
  }

  idOf(namespace: string, account: string): string {
    return spiffeId(namespace, account, this.options.platform.trustDomain);
  }

  svid(id: string, validity?: { notBefore?: Date; notAfter?: Date }): Promise<KeyPair> {
    return this.authority.issue({ uris: [id] }, validity);
  }

  /** What SPIRE serves to a workload: its SVID if it has one, and the bundle. */
  served(id: string, svid?: KeyPair): Secrets {
    return {
      ...(svid && { svids: { [id]: svid } }),
      bundles: { [this.options.platform.trustDomain]: this.authority.certificate },
    };
  }

  /** Runs a workload's outbound sidecar from its Deployment. */
  async caller(namespace: string, name: string, { withSvid = true } = {}): Promise<Caller> {
    const { front } = this.options.platform;
    const id = this.idOf(namespace, name);
    let spire: Sds | undefined;
    const sidecars = await startSidecars(
      {
        name,
        ...(await this.#objects(namespace, name)),
        ...this.#altered,
        programs: { envoy: [this.envoy] },
        endpoints: {
          [`${front.clusterIP}:${PORTS.front.service}`]: this.sidecars.ports['agents']!,
          [`${front.bearerClusterIP}:${PORTS.bearer.service}`]: this.sidecars.ports['bearer']!,
          [`${front.clusterIP}:${PORTS.grpc.service}`]: this.sidecars.ports['grpc']!,
        },
      },
      async ({ workloadApi }) => {
        const svid = withSvid ? await this.svid(id) : undefined;
        spire = await startSds(join(workloadApi, SPIRE_SOCKETS.file), this.served(id, svid));
      },
    );
    const caller = { sidecars, spire: spire! };
    this.#callers.push(caller);
    return caller;
  }

  async stop(): Promise<void> {
    for (const { sidecars, spire } of this.#callers) {
      await sidecars.stop();
      await spire.stop();
    }
    await this.#sidecars?.stop();
    await this.#spire?.stop();
    await this.issuer.stop();
    await this.upstream.stop();
  }

  async #run(withSvid: boolean): Promise<void> {
    const { platform, servers, authorizer, openfga } = this.options;
    const { front, tokens, cluster } = platform;
    const { name, namespace } = COMPONENTS.apiServer;
    const names = ['api-server-bearer', 'api-server-people'].map((each) =>
      serviceHost(each, namespace, cluster.domain),
    );
    const server = await servers.issue({ dns: names });
    const { hostname, port } = new URL(tokens.jwksUri);
    this.#sidecars = await startSidecars(
      {
        name,
        ...(await this.#objects(namespace, name)),
        ...((await this.#tryPod(namespace, name)) ?? {}),
        secrets: {
          [front.certificateSecret]: { 'tls.crt': server.certificate, 'tls.key': server.key },
          [platform.openfga.keysSecret]: { authorizer: openfga.token },
          [front.recordTokensSecret]: Object.fromEntries(
            await Promise.all(platform.workspaces.map(async ({ id }) => [id, await this.#readsRecords(id)])),
          ) as Record<string, string>,
        },
        imageFiles: { [SYSTEM_AUTHORITIES]: servers.certificate },
        ...this.#altered,
        programs: { envoy: [this.envoy], authorizer: authorizer.program },
        extraArgs: { authorizer: ['--kubeconfig', authorizer.kubeconfig] },
        endpoints: {
          [`${serviceHost(COMPONENTS.openfga.name, COMPONENTS.openfga.namespace, cluster.domain)}:${PORTS.openfga.service}`]:
            openfga.port,
          [`127.0.0.1:${APP_PORTS.http}`]:
            (await this.options.controlPlane?.(this.issuer, servers)) ?? this.upstream.port,
          [`127.0.0.1:${APP_PORTS.grpc}`]: this.upstream.port,
          [`${hostname}:${port === '' ? 443 : port}`]: this.issuer.port,
        },
      },
      async ({ workloadApi }) => {
        const svid = withSvid ? await this.svid(this.id) : undefined;
        this.#spire = await startSds(join(workloadApi, SPIRE_SOCKETS.file), this.served(this.id, svid));
      },
    );
  }

  /** The authorizer's own token: it reads in one workspace, and may do nothing else. */
  #readsRecords(workspaceId: string): Promise<string> {
    const { tokens } = this.options.platform;
    const claims = { sub: 'authorizer', aud: tokens.audience, workspaceId, roles: ['auditor'] };
    // In upstream's spelling, which takes no other; the front reads a media type, whose case does not matter.
    return this.issuer.mint(claims, { expiresInSeconds: 3600, typ: 'at+JWT' });
  }

  get #altered(): Pick<SidecarsOptions, 'alter'> {
    const { alter } = this.options;
    return alter === undefined ? {} : { alter };
  }

  /** The pod in whose place it runs: its name is the one under which the authorizer acknowledges policies. */
  async #tryPod(namespace: string, component: string): Promise<{ readonly pod: string } | undefined> {
    const labels = `${LABELS.component}=${component}`;
    const pods = await this.options.cluster.list({ apiVersion: 'v1', kind: 'Pod', namespace }, { labels });
    const [newest] = pods
      .map(({ metadata }) => metadata)
      .filter(({ deletionTimestamp }) => deletionTimestamp === undefined)
      .sort((a, b) => ((a.creationTimestamp ?? '') < (b.creationTimestamp ?? '') ? 1 : -1));
    return newest && { pod: newest.name };
  }

  /** A Deployment's pod and the ConfigMaps of its namespace, as the API server has them. */
  async #objects(namespace: string, name: string) {
    const { cluster } = this.options;
    const deployment = await cluster.get({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace } });
    const { template } = deployment['spec'] as { template: { spec: PodSpec } };
    const maps = await cluster.list({ apiVersion: 'v1', kind: 'ConfigMap', namespace });
    const dataOf = (map: object) => (map as { data?: Record<string, string> }).data ?? {};
    return {
      spec: template.spec,
      configMaps: Object.fromEntries(maps.map((map) => [map.metadata.name, dataOf(map)])),
    };
  }
}
