import { serviceHost } from '../../model/names.js';
import type { Platform } from '../../model/platform.js';
import { SPIRE_ACCOUNTS, SPIRE_PORTS, SPIRE_SOCKETS } from '../../model/spire.js';
import { AGENT_BUNDLE_FILE, AGENT_PATHS, AGENT_TOKEN } from './paths.js';

/** The environment variable with the node's address or name. */
export const KUBELET_ADDRESS = 'KUBELET_ADDRESS';

/**
 * The configuration of SPIRE's agents. The kubelet is verified; the first bundle is what the server publishes, never
 * whatever answers first; after the loss of the CA the agents start anew from it.
 * Source: SPIRE, doc/spire_agent.md, plugin_agent_nodeattestor_k8s_psat.md, plugin_agent_workloadattestor_k8s.md.
 */
export const agentConfig = ({ spire, trustDomain, cluster }: Platform): object => ({
  agent: {
    data_dir: AGENT_PATHS.data,
    log_level: 'info',
    log_format: 'json',
    server_address: serviceHost(SPIRE_ACCOUNTS.server, spire.namespace, cluster.domain),
    server_port: SPIRE_PORTS.server.grpc.port,
    socket_path: `${AGENT_PATHS.sockets}/${SPIRE_SOCKETS.file}`,
    trust_domain: trustDomain,
    trust_bundle_path: AGENT_BUNDLE_FILE,
    trust_bundle_format: 'spiffe',
    rebootstrap_mode: 'always',
    rebootstrap_delay: '10m',
    sds: {
      default_svid_name: 'default',
      default_bundle_name: 'ROOTCA',
      default_all_bundles_name: 'ALL',
      disable_spiffe_cert_validation: false,
    },
  },
  plugins: {
    NodeAttestor: [
      {
        k8s_psat: {
          plugin_data: { cluster: spire.clusterName, token_path: `${AGENT_PATHS.tokens}/${AGENT_TOKEN.path}` },
        },
      },
    ],
    KeyManager: [{ memory: { plugin_data: {} } }],
    WorkloadAttestor: [
      {
        k8s: {
          plugin_data: {
            skip_kubelet_verification: false,
            node_name_env: KUBELET_ADDRESS,
            ...(spire.kubelet.caConfigMap !== undefined && { kubelet_ca_path: `${AGENT_PATHS.kubeletCa}/ca.crt` }),
          },
        },
      },
    ],
  },
  health_checks: {
    listener_enabled: true,
    bind_address: '0.0.0.0',
    bind_port: String(SPIRE_PORTS.agent.health.port),
    live_path: '/live',
    ready_path: '/ready',
  },
  telemetry: [{ Prometheus: [{ host: '0.0.0.0', port: SPIRE_PORTS.agent.metrics.port }] }],
});
