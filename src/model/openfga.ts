import { LABELS, NAMESPACES } from './names.js';
import type { Pods } from './edges.js';
import type { OpenFga } from './platform.js';

/**
 * Secrets of the control plane's namespace beside those that the config names. Both have `username`, `password` and
 * `ca.crt`, the authority of the database's certificate: one for the server, which reads and writes rows, and one for
 * the migration, which changes the schema.
 */
export const OPENFGA_SECRETS = { datastore: 'openfga-datastore', migration: 'openfga-datastore-migration' } as const;

/** Key of `openfga.keysSecret`: every key that the server accepts, comma-separated. Two while one is replaced. */
export const OPENFGA_KEYS = 'keys';

/** Of the database, on `openfga.datastore.host`. */
export const OPENFGA_DATABASE = 'openfga';

/** gRPC stands on loopback: nobody but the server's own HTTP side asks it. */
export const OPENFGA_GRPC_PORT = 8081;

/** Seconds for which an answer may be older than the tuples that it is made from (upstream ADR-0098). */
export const OPENFGA_STALENESS = 5;

/** Seconds that each of the server's caches may add to that; a second is left for the clock between them. */
export const OPENFGA_CACHES = { checkQuery: 2, checkIterator: 1, controller: 1 } as const;

/** The pods of the migration, once for each version: with a database role of their own, so an account of their own. */
export const OPENFGA_MIGRATION: Pods = {
  kind: 'pods',
  name: 'openfga-migration',
  namespace: NAMESPACES.controlPlane,
  labels: { [LABELS.component]: 'openfga-migration' },
  serviceAccount: 'openfga-migration',
};

/** Whether there is a schema to migrate. */
export const isMigrated = ({ datastore }: OpenFga): boolean => datastore.type === 'postgres';
