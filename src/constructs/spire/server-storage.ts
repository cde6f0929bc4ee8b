import { k8s } from 'cdk8s-plus-28';
import type { Spire } from '../../model/spire.js';
import { SERVER_PATHS } from './paths.js';

export interface Storage {
  readonly env: k8s.EnvVar[];
  readonly volumes: k8s.Volume[];
  readonly mounts: k8s.VolumeMount[];
  readonly claims: k8s.KubePersistentVolumeClaimProps[];
}

/** What the server must still have after a restart: its database's file, its keys, or who it is to the KMS. */
const keepsData = ({ datastore, keyManager }: Spire): boolean =>
  datastore.type === 'sqlite' || keyManager.type !== 'memory';

/** The server's data, its database's credentials and those of the authority above it. */
export function storageOf(spire: Spire): Storage {
  const { datastore, upstreamAuthority, storage } = spire;
  const env: k8s.EnvVar[] = [];
  const volumes: k8s.Volume[] = [];
  const mounts: k8s.VolumeMount[] = [];
  const secret = (name: string, secretName: string, mountPath: string, keys: readonly string[]): void => {
    const items = keys.map((key) => ({ key, path: key }));
    volumes.push({ name, secret: { secretName, items, defaultMode: 0o440 } });
    mounts.push({ name, mountPath, readOnly: true });
  };
  if (datastore.type === 'postgres') {
    const password = { name: datastore.passwordSecret, key: 'password' };
    env.push({ name: 'PGPASSWORD', valueFrom: { secretKeyRef: password } });
    secret('database-ca', datastore.caSecret, SERVER_PATHS.databaseCa, ['ca.crt']);
  }
  if (upstreamAuthority?.type === 'disk') {
    const keys = ['tls.crt', 'tls.key', ...(upstreamAuthority.selfSigned ? [] : ['ca.crt'])];
    secret('upstream-ca', upstreamAuthority.secret, SERVER_PATHS.upstreamCa, keys);
  }
  if (upstreamAuthority?.type === 'vault') {
    secret('vault-ca', upstreamAuthority.caSecret, SERVER_PATHS.vaultCa, ['ca.crt']);
    const token = { path: 'vault', audience: 'vault', expirationSeconds: 600 };
    volumes.push({ name: 'vault-token', projected: { sources: [{ serviceAccountToken: token }] } });
    mounts.push({ name: 'vault-token', mountPath: SERVER_PATHS.vaultTokens, readOnly: true });
  }
  if (!keepsData(spire)) volumes.push({ name: 'data', emptyDir: {} });
  return { env, volumes, mounts, claims: keepsData(spire) ? [claim(storage)] : [] };
}

const claim = ({ size, storageClass }: Spire['storage']): k8s.KubePersistentVolumeClaimProps => ({
  metadata: { name: 'data' },
  spec: {
    accessModes: ['ReadWriteOnce'],
    ...(storageClass !== undefined && { storageClassName: storageClass }),
    resources: { requests: { storage: k8s.Quantity.fromString(size) } },
  },
});
