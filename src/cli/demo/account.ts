import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Cluster } from '../../bridge/cluster.js';

/**
 * Writes a kubeconfig with a token of a service account, as its pods have one. Returns its path.
 *
 * @param kubeconfig another's, for where the API server is
 */
export async function kubeconfigOfAccount(
  admin: Cluster,
  account: { readonly name: string; readonly namespace: string },
  kubeconfig: string,
  dir: string,
): Promise<string> {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3600 } };
  const ref = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: account };
  const answer = await admin.subresource('POST', ref, 'token', { body });
  const { token } = (answer as { status: { token: string } }).status;
  const config = parse(readFileSync(kubeconfig, 'utf8')) as { users: { user: object }[] };
  const path = join(dir, `${account.namespace}-${account.name}.yaml`);
  const users = config.users.map((entry) => ({ ...entry, user: { token } }));
  writeFileSync(path, stringify({ ...config, users }), { mode: 0o600 });
  return path;
}
