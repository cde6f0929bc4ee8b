import type { Platform } from '../../model/platform.js';
import { NAMESPACES } from '../../model/names.js';
import {
  SPIRE_ACCOUNTS,
  SPIRE_AUDIENCE,
  SPIRE_BUNDLE,
  SPIRE_PORTS,
  type PostgresDatastore,
  type Spire,
  type UpstreamAuthority,
} from '../../model/spire.js';
import { SERVER_PATHS } from './paths.js';

/** A plugin block of SPIRE's configuration in JSON: HCL wants a list of maps of one name each. */
const plugin = (name: string, data: object): readonly object[] => [{ [name]: { plugin_data: data } }];

/**
 * The configuration of the SPIRE server. JWT-SVIDs are off: nothing here takes one, and a key that signs them is one
 * more to lose. No secret is in it; the database's password is in the environment.
 * Source: SPIRE, doc/spire_server.md and the pages of the plugins.
 */
export const serverConfig = ({ spire, trustDomain }: Platform): object => ({
  server: {
    bind_address: '0.0.0.0',
    bind_port: SPIRE_PORTS.server.grpc.port,
    trust_domain: trustDomain,
    data_dir: SERVER_PATHS.data,
    socket_path: SERVER_PATHS.socket,
    log_level: 'info',
    log_format: 'json',
    audit_log_enabled: true,
    ca_ttl: spire.caTtl,
    ca_key_type: 'ec-p256',
    default_x509_svid_ttl: spire.x509Ttl,
    disable_jwt_svids: true,
    prune_attested_nodes_expired_for: '168h',
    ratelimit: { attestation: true, signing: true },
  },
  plugins: {
    DataStore: plugin('sql', datastore(spire.datastore)),
    NodeAttestor: plugin('k8s_psat', {
      clusters: [
        {
          [spire.clusterName]: {
            // Whatever else were in it could act as a node's agent, and get every SVID of that node.
            service_account_allow_list: [`${NAMESPACES.spire}:${SPIRE_ACCOUNTS.agent}`],
            audience: [SPIRE_AUDIENCE],
            allowed_node_label_keys: nodeLabelKeys(spire),
          },
        },
      ],
    }),
    KeyManager: keyManager(spire.keyManager),
    ...(spire.upstreamAuthority && { UpstreamAuthority: upstreamAuthority(spire.upstreamAuthority, spire.namespace) }),
    BundlePublisher: plugin('k8s_configmap', {
      clusters: [
        {
          [spire.clusterName]: {
            namespace: SPIRE_BUNDLE.namespace,
            configmap_name: SPIRE_BUNDLE.configMap,
            configmap_key: SPIRE_BUNDLE.key,
            format: 'spiffe',
          },
        },
      ],
    }),
  },
  health_checks: {
    listener_enabled: true,
    bind_address: '0.0.0.0',
    bind_port: String(SPIRE_PORTS.server.health.port),
    live_path: '/live',
    ready_path: '/ready',
  },
  telemetry: [{ Prometheus: [{ host: '0.0.0.0', port: SPIRE_PORTS.server.metrics.port }] }],
});

const nodeLabelKeys = ({ bridges }: Spire): readonly string[] =>
  [...new Set(bridges.flatMap(({ nodeLabel }) => (nodeLabel ? [nodeLabel.key] : [])))].sort();

const datastore = (store: Spire['datastore']): object =>
  store.type === 'sqlite'
    ? { database_type: 'sqlite3', connection_string: `${SERVER_PATHS.data}/datastore.sqlite3` }
    : { database_type: 'postgres', connection_string: connectionString(store) };

/** `require`, the driver's default, encrypts and verifies nobody. The password is read from PGPASSWORD. */
const connectionString = ({ host, port, database, user }: PostgresDatastore): string =>
  `host=${host} port=${port} dbname=${database} user=${user} sslmode=verify-full sslrootcert=${SERVER_PATHS.databaseCa}/ca.crt`;

function keyManager(keys: Spire['keyManager']): readonly object[] {
  switch (keys.type) {
    case 'disk':
      return plugin('disk', { keys_path: `${SERVER_PATHS.data}/keys.json` });
    case 'memory':
      return plugin('memory', {});
    case 'aws_kms':
      // A file and no fixed value: each server signs with keys of its own.
      return plugin('aws_kms', {
        region: keys.region,
        key_identifier_file: `${SERVER_PATHS.data}/aws-kms-key-identifier`,
      });
  }
}

function upstreamAuthority(authority: UpstreamAuthority, namespace: string): readonly object[] {
  switch (authority.type) {
    case 'disk':
      return plugin('disk', {
        cert_file_path: `${SERVER_PATHS.upstreamCa}/tls.crt`,
        key_file_path: `${SERVER_PATHS.upstreamCa}/tls.key`,
        ...(!authority.selfSigned && { bundle_file_path: `${SERVER_PATHS.upstreamCa}/ca.crt` }),
      });
    case 'cert-manager':
      return plugin('cert-manager', {
        namespace,
        issuer_name: authority.issuerName,
        issuer_kind: authority.issuerKind,
        issuer_group: 'cert-manager.io',
      });
    case 'vault':
      return plugin('vault', {
        vault_addr: authority.address,
        pki_mount_point: authority.pkiMount,
        ca_cert_path: `${SERVER_PATHS.vaultCa}/ca.crt`,
        k8s_auth: {
          k8s_auth_mount_point: authority.authMount,
          k8s_auth_role_name: authority.role,
          token_path: `${SERVER_PATHS.vaultTokens}/vault`,
        },
      });
    case 'aws_pca':
      return plugin('aws_pca', {
        region: authority.region,
        certificate_authority_arn: authority.certificateAuthorityArn,
        // Its default template makes certificates that cannot sign others.
        ca_signing_template_arn: `arn:${authority.certificateAuthorityArn.split(':')[1]!}:acm-pca:::template/SubordinateCACertificate_PathLen0/V1`,
      });
  }
}
