import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { LabUser } from './users.js';

/** Users of the control plane itself; the API server binds the roles of the first two at start. */
const systemUsers: readonly LabUser[] = [
  { name: 'system:kube-controller-manager', groups: [] },
  { name: 'system:kube-scheduler', groups: [] },
  { name: 'system:kwok', groups: ['system:masters'] },
  { name: 'lab-admin', groups: ['system:masters'] },
];

/** Files that the API server and its clients read, each with mode 0600 in the folder of the lab. */
export interface Credentials {
  readonly tokenFile: string;
  readonly serviceAccountKey: string;
  readonly serviceAccountPublicKey: string;
  /** Token of a user; throws for a name that is not one. */
  token(user: string): string;
  /** Every name that has a token. */
  readonly users: readonly string[];
}

/** Writes new tokens for the given users and those of the control plane, and a key pair for service account tokens. */
export function writeCredentials(folder: string, users: readonly LabUser[]): Credentials {
  const all = [...systemUsers, ...users];
  const tokens = new Map(all.map(({ name }) => [name, randomBytes(24).toString('hex')]));
  if (tokens.size !== all.length) throw new Error('two users of the lab have the same name');
  const write = (file: string, content: string): string => {
    const path = join(folder, file);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    tokenFile: write(
      'tokens.csv',
      all
        .map(
          ({ name, groups }) => [tokens.get(name), `"${name}"`, `"${name}"`, ...groupColumn(groups)].join(',') + '\n',
        )
        .join(''),
    ),
    serviceAccountKey: write('service-account.key', privateKey.export({ type: 'sec1', format: 'pem' }).toString()),
    serviceAccountPublicKey: write('service-account.pub', publicKey.export({ type: 'spki', format: 'pem' }).toString()),
    token: (user) => {
      const token = tokens.get(user);
      if (token === undefined)
        throw new Error(`no user of the lab is named ${user}; known: ${[...tokens.keys()].join(', ')}`);
      return token;
    },
    users: all.map(({ name }) => name),
  };
}

/** Left out when there is none: the API server would read an empty column as one group without a name. */
function groupColumn(groups: readonly string[]): readonly string[] {
  return groups.length === 0 ? [] : [`"${groups.join(',')}"`];
}

/** Writes a kubeconfig for one user that trusts the given PEM certificates, and returns its path. */
export function writeKubeconfig(
  path: string,
  { server, certificate, user, token }: Record<'server' | 'certificate' | 'user' | 'token', string>,
): string {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'lab',
        cluster: { server, 'certificate-authority-data': Buffer.from(certificate).toString('base64') },
      },
    ],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: 'lab', context: { cluster: 'lab', user } }],
    'current-context': 'lab',
  };
  writeFileSync(path, stringify(config), { mode: 0o600 });
  return path;
}
