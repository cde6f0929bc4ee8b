import { WORKLOAD_SOCKET } from '../../model/spire.js';

/** Where things are in the sidecar's container; each folder is one mount. */
export const ENVOY_PATHS = {
  /** ConfigMap: the bootstrap, and what it reads. */
  config: '/etc/envoy',
  bootstrap: '/etc/envoy/envoy.json',
  /** The listeners that wait for an SVID, as the answer of a discovery service. */
  waiting: '/etc/envoy/waiting-listeners.json',
  serverCertificate: '/etc/envoy/server-certificate.json',
  /** Secret: the certificate that does not come from SPIRE. */
  tls: '/etc/envoy-tls',
  /** Of Envoy alone: its admin interface stands here, and no port. */
  run: '/run/envoy',
  admin: '/run/envoy/admin.sock',
  discovery: '/run/envoy/discovery.sock',
  /** Shared with the authorizer alone. */
  authorizerRun: '/run/authorizer',
  authorizer: '/run/authorizer/ext-authz.sock',
  authorizerHttp: '/run/authorizer/http.sock',
  workloadApi: WORKLOAD_SOCKET,
} as const;
