import type { Authority } from '../../../../lab/authority.js';
import type { Issuer } from '../../../../lab/issuer.js';
import type { Cluster } from '../../../bridge/cluster.js';
import { COMPONENTS } from '../../../model/edges.js';
import { serviceHost } from '../../../model/names.js';
import { OPENFGA_KEYS } from '../../../model/openfga.js';
import type { Platform } from '../../../model/platform.js';

/** The Secrets of the control plane that are an issuer's and a platform team's, none of this program's. */
export async function createSecrets(
  admin: Cluster,
  platform: Platform,
  servers: Authority,
  issuer: Issuer,
  openfgaToken: string,
): Promise<void> {
  const { front, openfga, tokens, cluster } = platform;
  const { apiServer } = COMPONENTS;
  const hosts = (...names: readonly string[]): string[] =>
    names.map((name) => serviceHost(name, apiServer.namespace, cluster.domain));
  const certificate = async (dns: readonly string[]) => {
    const { certificate: crt, key } = await servers.issue({ dns });
    return { 'tls.crt': crt, 'tls.key': key };
  };
  /** The authorizer's own token: it reads in one workspace, and may do nothing else. */
  const readsRecords = async (workspaceId: string) => {
    const claims = { sub: 'authorizer', aud: tokens.audience, workspaceId, roles: ['auditor'] };
    return [workspaceId, await issuer.mint(claims, { expiresInSeconds: 3600, typ: 'at+JWT' })] as const;
  };
  const secrets: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    [front.certificateSecret]: await certificate(hosts('api-server-bearer', 'api-server-people')),
    [openfga.certificateSecret]: await certificate([...hosts(COMPONENTS.openfga.name), 'localhost']),
    [openfga.keysSecret]: { [OPENFGA_KEYS]: openfgaToken, authorizer: openfgaToken },
    [front.recordTokensSecret]: Object.fromEntries(
      await Promise.all(platform.workspaces.map(({ id }) => readsRecords(id))),
    ),
  };
  for (const [name, stringData] of Object.entries(secrets)) {
    const metadata = { name, namespace: apiServer.namespace };
    await admin.apply({ apiVersion: 'v1', kind: 'Secret', metadata, stringData }, { fieldManager: 'demo' });
  }
}
