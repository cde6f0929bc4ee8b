import { k8s } from 'cdk8s-plus-28';
import { PORTS } from '../../model/edges.js';
import { SPIRE_SOCKETS, SVID_CONTAINER } from '../../model/spire.js';
import { RESTRICTED_CONTAINER } from '../restricted.js';
import { ENVOY_PATHS } from './paths.js';
import { PROBES } from './probes.js';

export const AUTHORIZER = 'authorizer';

/** A file of the Workload API in a folder of a volume that only Envoy mounts. */
const SPIRE_MOUNT = { name: SPIRE_SOCKETS.volume, mountPath: SPIRE_SOCKETS.mountDir, readOnly: true };
const CONFIG_MOUNT = { name: 'envoy-config', mountPath: ENVOY_PATHS.config, readOnly: true };
const RUN_MOUNT = { name: 'envoy-run', mountPath: ENVOY_PATHS.run };
const TLS_MOUNT = { name: 'envoy-tls', mountPath: ENVOY_PATHS.tls, readOnly: true };
const AUTHORIZER_RUN_MOUNT = { name: 'authorizer-run', mountPath: ENVOY_PATHS.authorizerRun };

export const AUTHORIZER_CONFIG = '/etc/authorizer/config.json';
/** What its configuration names. */
export const AUTHORIZER_FILES = {
  openfgaAuthorities: '/etc/authorizer/openfga-ca.crt',
  openfgaToken: '/etc/authorizer-openfga/token',
  recordTokens: '/etc/authorizer-records',
} as const;
const AUTHORIZER_MOUNTS = [
  { name: 'authorizer-config', mountPath: '/etc/authorizer', readOnly: true },
  { name: 'authorizer-openfga', mountPath: '/etc/authorizer-openfga', readOnly: true },
  { name: 'authorizer-records', mountPath: AUTHORIZER_FILES.recordTokens, readOnly: true },
  AUTHORIZER_RUN_MOUNT,
  // Where client libraries look for it inside a cluster.
  { name: 'authorizer-token', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true },
];

const COMMAND = ['/usr/local/bin/envoy'];

/** `reject`: a reloaded file with a misspelt field would be taken without the field, and so open (measured). */
const ARGS = [
  ...['--config-path', ENVOY_PATHS.bootstrap],
  ...['--concurrency', '2'],
  ...['--drain-time-s', '30'],
  ...['--log-level', 'warning'],
  ...['--file-flush-interval-msec', '1000'],
  '--disable-hot-restart',
  '--reject-unknown-dynamic-fields',
];

const probe = (path: string, periodSeconds: number, failureThreshold: number): k8s.Probe => ({
  httpGet: { path, port: k8s.IntOrString.fromNumber(PORTS.sidecar.target) },
  periodSeconds,
  failureThreshold,
});

const resources = (memory: string, limit: string): k8s.ResourceRequirements => ({
  requests: { cpu: k8s.Quantity.fromString('50m'), memory: k8s.Quantity.fromString(memory) },
  limits: { memory: k8s.Quantity.fromString(limit) },
});

export interface EnvoySidecar {
  readonly image: string;
  /** ConfigMap with the files of `/etc/envoy`. */
  readonly configMap: string;
  /** Secret with the certificate that does not come from SPIRE: the front's. @default - an outbound sidecar */
  readonly tlsSecret?: string;
}

/** Envoy as a native sidecar: it starts before the application and stops after it. */
export const envoyContainer = ({ image, tlsSecret }: EnvoySidecar): k8s.Container => ({
  name: SVID_CONTAINER,
  image,
  command: COMMAND,
  args: ARGS,
  restartPolicy: 'Always',
  ports: [{ name: 'envoy-metrics', containerPort: PORTS.sidecar.target, protocol: 'TCP' }],
  startupProbe: probe(PROBES.envoy, 1, 60),
  livenessProbe: probe(PROBES.envoy, 10, 6),
  resources: resources('64Mi', '256Mi'),
  securityContext: RESTRICTED_CONTAINER,
  volumeMounts: [
    CONFIG_MOUNT,
    RUN_MOUNT,
    SPIRE_MOUNT,
    ...(tlsSecret === undefined ? [] : [TLS_MOUNT, AUTHORIZER_RUN_MOUNT]),
  ],
});

export const envoyVolumes = ({ configMap, tlsSecret }: EnvoySidecar): k8s.Volume[] => [
  { name: CONFIG_MOUNT.name, configMap: { name: configMap } },
  { name: RUN_MOUNT.name, emptyDir: { medium: 'Memory', sizeLimit: k8s.Quantity.fromString('1Mi') } },
  { name: SPIRE_MOUNT.name, csi: { driver: SPIRE_SOCKETS.csiDriver, readOnly: true } },
  ...(tlsSecret === undefined ? [] : [{ name: TLS_MOUNT.name, secret: { secretName: tlsSecret } }]),
];

/** The authorizer beside the front's Envoy: asked over a socket, probed through Envoy's probe listener. */
export const authorizerContainer = (image: string): k8s.Container => ({
  name: AUTHORIZER,
  image,
  // Measured with 1,000 workspaces under load: 131 MB instead of 297, at the same rate.
  command: ['node', '--max-semi-space-size=4', '--max-old-space-size=128', '/app/authorizer.js'],
  args: [
    ...['--socket', ENVOY_PATHS.authorizer],
    ...['--http', ENVOY_PATHS.authorizerHttp],
    ...['--config', AUTHORIZER_CONFIG],
  ],
  restartPolicy: 'Always',
  startupProbe: probe(PROBES.live, 1, 60),
  livenessProbe: probe(PROBES.live, 10, 6),
  readinessProbe: probe(PROBES.ready, 2, 2),
  resources: resources('128Mi', '256Mi'),
  securityContext: RESTRICTED_CONTAINER,
  volumeMounts: AUTHORIZER_MOUNTS,
});

export interface AuthorizerVolumes {
  /** ConfigMap with the files of `/etc/authorizer`. */
  readonly configMap: string;
  /** Secret whose key `authorizer` is a preshared key of OpenFGA. */
  readonly keysSecret: string;
  /** Secret with a token per workspace; without it nothing can be decided about runs and approvals. */
  readonly recordTokensSecret: string;
}

export const authorizerVolumes = (names: AuthorizerVolumes): k8s.Volume[] => [
  { name: 'authorizer-config', configMap: { name: names.configMap } },
  {
    name: 'authorizer-openfga',
    secret: { secretName: names.keysSecret, items: [{ key: 'authorizer', path: 'token' }] },
  },
  { name: 'authorizer-records', secret: { secretName: names.recordTokensSecret, optional: true } },
  {
    name: 'authorizer-run',
    emptyDir: { medium: 'Memory', sizeLimit: k8s.Quantity.fromString('1Mi') },
  },
  {
    name: 'authorizer-token',
    projected: {
      sources: [
        { serviceAccountToken: { path: 'token', expirationSeconds: 3600 } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardApi: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
      ],
    },
  },
];
