import type { k8s } from 'cdk8s-plus-28';
import { PORTS } from '../../model/edges.js';
import { OPENFGA_CACHES, OPENFGA_GRPC_PORT, OPENFGA_KEYS } from '../../model/openfga.js';
import type { OpenFga } from '../../model/platform.js';
import { OPENFGA_PATHS } from './paths.js';

const cert = `${OPENFGA_PATHS.tls}/tls.crt`;
const key = `${OPENFGA_PATHS.tls}/tls.key`;

/**
 * The server's settings but for its datastore; what is not among them is OpenFGA's default.
 * Source: OpenFGA, cmd/run/flags.go and pkg/server/config.
 */
export const settings = ({ keysSecret, datastore }: OpenFga): k8s.EnvVar[] => [
  { name: 'OPENFGA_AUTHN_METHOD', value: 'preshared' },
  { name: 'OPENFGA_AUTHN_PRESHARED_KEYS', valueFrom: { secretKeyRef: { name: keysSecret, key: OPENFGA_KEYS } } },
  ...entries({
    OPENFGA_HTTP_ADDR: `:${PORTS.openfga.target}`,
    OPENFGA_HTTP_TLS_ENABLED: 'true',
    OPENFGA_HTTP_TLS_CERT: cert,
    OPENFGA_HTTP_TLS_KEY: key,
    // An empty list would be every origin, and so is the default; no page of a browser has business here (RFC 2606).
    OPENFGA_HTTP_CORS_ALLOWED_ORIGINS: 'https://nobody.invalid',
    OPENFGA_GRPC_ADDR: `127.0.0.1:${OPENFGA_GRPC_PORT}`,
    OPENFGA_GRPC_TLS_ENABLED: 'true',
    OPENFGA_GRPC_TLS_CERT: cert,
    OPENFGA_GRPC_TLS_KEY: key,
    OPENFGA_PLAYGROUND_ENABLED: 'false',
    OPENFGA_PROFILER_ENABLED: 'false',
    OPENFGA_TRACE_ENABLED: 'false',
    OPENFGA_LOG_FORMAT: 'json',
    OPENFGA_LOG_LEVEL: 'info',
    OPENFGA_METRICS_ENABLED: 'true',
    OPENFGA_METRICS_ADDR: `:${PORTS.openfgaMetrics.target}`,
    OPENFGA_METRICS_ENABLE_RPC_HISTOGRAMS: 'true',
    OPENFGA_REQUEST_TIMEOUT: '3s',
    OPENFGA_SHUTDOWN_TIMEOUT: '10s',
    OPENFGA_CHECK_QUERY_CACHE_ENABLED: 'true',
    OPENFGA_CHECK_QUERY_CACHE_TTL: `${OPENFGA_CACHES.checkQuery}s`,
    OPENFGA_CHECK_ITERATOR_CACHE_ENABLED: 'true',
    OPENFGA_CHECK_ITERATOR_CACHE_TTL: `${OPENFGA_CACHES.checkIterator}s`,
    OPENFGA_CACHE_CONTROLLER_ENABLED: 'true',
    OPENFGA_CACHE_CONTROLLER_TTL: `${OPENFGA_CACHES.controller}s`,
    ...(datastore.type === 'postgres' && {
      OPENFGA_DATASTORE_METRICS_ENABLED: 'true',
      // With three servers and a fourth during an update still below Postgres' default of a hundred connections.
      OPENFGA_DATASTORE_MAX_OPEN_CONNS: '20',
      OPENFGA_DATASTORE_MIN_OPEN_CONNS: '2',
      OPENFGA_DATASTORE_MIN_IDLE_CONNS: '2',
    }),
  }),
];

const entries = (values: Readonly<Record<string, string>>): k8s.EnvVar[] =>
  Object.entries(values).map(([name, value]) => ({ name, value }));
