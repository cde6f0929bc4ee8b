import type { Platform } from '../../src/model/platform.js';
import { FRONT } from './front.js';

/** What a platform says of OpenFGA and of onboarding, for fixtures to which it does not matter. */
export const OPENFGA: Pick<Platform, 'openfga' | 'pending'> = {
  openfga: {
    image: 'docker.io/openfga/openfga:v1.22.1',
    replicas: 3,
    datastore: { type: 'postgres', host: 'openfga-postgres.databases.svc.cluster.local', port: 5432 },
    storeName: 'portarium',
    certificateSecret: 'openfga-tls',
    certificateAuthority: FRONT.front.certificateAuthority,
    keysSecret: 'openfga-keys',
  },
  pending: [],
};
