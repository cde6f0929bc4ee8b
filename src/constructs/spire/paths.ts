import { SPIRE_AUDIENCE, SPIRE_BUNDLE, SPIRE_SOCKETS } from '../../model/spire.js';

/** Where things are in SPIRE's containers; configuration and mounts are both made from these. */
export const SERVER_PATHS = {
  config: '/run/spire/config',
  data: '/run/spire/data',
  /** Shared with the controller manager: who may write to the socket may register anything. */
  sockets: '/tmp/spire-server/private',
  socket: '/tmp/spire-server/private/api.sock',
  databaseCa: '/run/spire/database-ca',
  upstreamCa: '/run/spire/upstream-ca',
  vaultCa: '/run/spire/vault-ca',
  vaultTokens: '/run/spire/vault-token',
} as const;

export const AGENT_PATHS = {
  config: '/run/spire/config',
  data: '/var/lib/spire',
  bundle: '/run/spire/bundle',
  tokens: '/var/run/secrets/tokens',
  kubeletCa: '/run/spire/kubelet-ca',
  /** The same path as on the node, so that there is one. */
  sockets: SPIRE_SOCKETS.hostDir,
} as const;

export const AGENT_TOKEN = { path: 'spire-agent', audience: SPIRE_AUDIENCE, expirationSeconds: 7200 } as const;
export const AGENT_BUNDLE_FILE = `${AGENT_PATHS.bundle}/${SPIRE_BUNDLE.key}`;
