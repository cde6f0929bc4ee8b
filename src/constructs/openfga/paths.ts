/** Where things are in OpenFGA's containers; settings and mounts are both made from these. */
export const OPENFGA_PATHS = {
  tls: '/run/openfga/tls',
  databaseCa: '/run/openfga/database-ca',
  /** The server's HTTP side asks its gRPC side over a socket there; without it, over TCP by a name no certificate has. */
  tmp: '/tmp',
} as const;
