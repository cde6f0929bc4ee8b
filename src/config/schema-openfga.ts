import { z } from 'zod';
import { oneOfTypes } from './one-of-types.js';
import { certificateAuthority, dnsLabel, dnsName, httpsUrl, image, port, storeName, strict } from './values.js';

export const openfgaSchema = strict({
  image,
  replicas: z.int().min(1).max(100).default(3),
  datastore: oneOfTypes(
    ['postgres', 'memory'],
    [
      strict({ type: z.literal('postgres'), host: dnsName, port: port.default(5432) }),
      strict({ type: z.literal('memory') }),
    ],
  ).meta({ description: 'memory is for trying out: one replica, and everything is lost with it.' }),
  storeName: storeName.default('portarium').meta({ description: 'The one store of all workspaces.' }),
  certificateSecret: dnsLabel.default('openfga-tls').meta({
    description: 'Secret of type kubernetes.io/tls in portarium-control-plane.',
  }),
  certificateAuthority: certificateAuthority.meta({ description: 'PEM of the authority that issued it.' }),
  keysSecret: dnsLabel.default('openfga-keys').meta({
    description:
      'Secret with the preshared keys: `keys` for the server, comma-separated, and `authorizer`, one of them.',
  }),
  api: strict({ url: httpsUrl, certificateAuthority: certificateAuthority.optional() })
    .optional()
    .meta({ description: 'Where the engines reach OpenFGA from outside; without it they write no models and tuples.' }),
});
