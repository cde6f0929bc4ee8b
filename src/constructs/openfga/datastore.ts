import type { k8s } from 'cdk8s-plus-28';
import { OPENFGA_DATABASE } from '../../model/openfga.js';
import type { OpenFga } from '../../model/platform.js';
import { OPENFGA_PATHS } from './paths.js';

/** What a container of OpenFGA needs to reach its datastore. */
export interface Datastore {
  readonly env: k8s.EnvVar[];
  readonly volumes: k8s.Volume[];
  readonly mounts: k8s.VolumeMount[];
}

/**
 * The datastore as the holder of a Secret reaches it. Who it is comes from the Secret alone; where the database is, and
 * that it must prove itself (`verify-full`), is in the open, so that a reviewer and the checks of faults see it.
 * Source: OpenFGA, pkg/storage/postgres (parseConfig): user and password beside the URI take precedence.
 *
 * @param secret with `username`, `password` and `ca.crt`
 */
export function datastoreOf({ datastore }: OpenFga, secret: string): Datastore {
  const engine = { name: 'OPENFGA_DATASTORE_ENGINE', value: datastore.type };
  if (datastore.type === 'memory') return { env: [engine], volumes: [], mounts: [] };
  const { host, port } = datastore;
  const from = (key: string): k8s.EnvVarSource => ({ secretKeyRef: { name: secret, key } });
  const authority = { name: 'database-ca', mountPath: OPENFGA_PATHS.databaseCa, readOnly: true };
  return {
    env: [
      engine,
      {
        name: 'OPENFGA_DATASTORE_URI',
        value: `postgres://${host}:${port}/${OPENFGA_DATABASE}?sslmode=verify-full&sslrootcert=${OPENFGA_PATHS.databaseCa}/ca.crt`,
      },
      { name: 'OPENFGA_DATASTORE_USERNAME', valueFrom: from('username') },
      { name: 'OPENFGA_DATASTORE_PASSWORD', valueFrom: from('password') },
    ],
    volumes: [
      {
        name: authority.name,
        secret: { secretName: secret, items: [{ key: 'ca.crt', path: 'ca.crt' }], defaultMode: 0o440 },
      },
    ],
    mounts: [authority],
  };
}
