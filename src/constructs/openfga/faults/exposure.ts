import { isMounted, isSecret, setting, show, type Container, type Faults, type Rendered } from './rendered.js';

/** Doors that must be shut; OpenFGA's own defaults leave some of them open. */
export const openDoors = ({ servers }: Rendered): Faults =>
  servers.flatMap(({ container }) => [
    setting(container, 'PLAYGROUND_ENABLED') !== 'false' &&
      'the playground is not off; it serves anyone, and with preshared keys the server does not start.',
    setting(container, 'PROFILER_ENABLED') !== 'false' && 'the profiler is not off; it shows memory to anyone.',
    ['*', undefined].includes(setting(container, 'HTTP_CORS_ALLOWED_ORIGINS')) &&
      'pages of every origin may ask the server (CORS); name an origin.',
    (setting(container, 'EXPERIMENTALS') ?? '').includes('weighted_graph_check') &&
      'weighted_graph_check is on, which has answered wrong in many versions.',
  ]);

/** Who may ask, and by what secret. */
export const authentication = ({ servers }: Rendered): Faults =>
  servers.flatMap(({ container }) => [
    setting(container, 'AUTHN_METHOD') !== 'preshared' &&
      `callers are authenticated by ${show(setting(container, 'AUTHN_METHOD'))}, not by preshared keys.`,
    !isSecret(container, 'AUTHN_PRESHARED_KEYS') && 'the preshared keys come from no Secret.',
  ]);

const SECRETS = ['AUTHN_PRESHARED_KEYS', 'DATASTORE_USERNAME', 'DATASTORE_PASSWORD'] as const;

/** Secrets that whoever may read the workload would know. */
export const literalSecrets = ({ servers, migrations, migrationsBefore }: Rendered): Faults =>
  [...servers, ...migrations, ...migrationsBefore].flatMap(({ workload, container }) => {
    const where = `${workload.object.kind} ${workload.object.metadata.name}`;
    return [
      ...SECRETS.map(
        (name) =>
          setting(container, name) !== undefined && `OPENFGA_${name} of ${where} is in plain; take it from a Secret.`,
      ),
      /^\w+:\/\/[^/]*@/.test(setting(container, 'DATASTORE_URI') ?? '') &&
        `OPENFGA_DATASTORE_URI of ${where} holds credentials; take them from a Secret.`,
      workload.spec.automountServiceAccountToken !== false &&
        `${where} mounts a token of the Kubernetes API, which OpenFGA never asks.`,
    ];
  });

const SIDES = ['HTTP', 'GRPC'] as const;

/** A preshared key is as good as the connection that carries it. */
export const tls = ({ servers }: Rendered): Faults =>
  servers.flatMap(({ container }) => [
    ...SIDES.flatMap((side) => tlsOf(container, side)),
    container.securityContext?.readOnlyRootFilesystem === true &&
      !container.volumeMounts?.some(({ mountPath, readOnly }) => mountPath === '/tmp' && readOnly !== true) &&
      'the root is read-only and /tmp is no volume: the server’s HTTP side then asks its gRPC side by a name that its certificate has not.',
  ]);

const tlsOf = (container: Container, side: (typeof SIDES)[number]): Faults => {
  const enabled = setting(container, `${side}_TLS_ENABLED`) === 'true';
  return [
    !enabled && `${side} is in plain, preshared keys with it; set OPENFGA_${side}_TLS_ENABLED.`,
    ...(['CERT', 'KEY'] as const).map((part) => {
      const file = setting(container, `${side}_TLS_${part}`);
      return (
        enabled &&
        (file === undefined || !isMounted(container, file)) &&
        `OPENFGA_${side}_TLS_${part} is ${show(file)}, which no volume has.`
      );
    }),
  ];
};
