import type { VaultEvidence } from '../../model/vault-evidence.js';
import type { CounterExample } from './claim.js';
import type { Findings } from './settle.js';

/** A Secret without its data. */
export interface SecretRef {
  readonly namespace: string;
  readonly name: string;
  readonly type: string;
}

type Stored = Omit<Findings, 'assumptions'>;

/** For the registry that images come from, and no system of record. */
const PULL_SECRETS = ['kubernetes.io/dockerconfigjson', 'kubernetes.io/dockercfg'];
const TOKEN = 'kubernetes.io/service-account-token';

/** Secrets that any agent's pod could mount, since they are in its namespace. */
export function secretFindings(
  secrets: readonly SecretRef[] | undefined,
  namespaces: readonly string[],
  platformSecrets: ReadonlySet<string>,
): Stored {
  if (secrets === undefined) {
    const reason = `the Secrets in ${namespaces.join(', ')} were not listed: any of them could be mounted by an agent’s pod`;
    return { argument: [], counterExamples: [], reasons: [reason] };
  }
  const own = secrets.filter(({ namespace, name }) => namespaces.includes(namespace) && !platformSecrets.has(name));
  const tokens = own.filter(({ type }) => type === TOKEN);
  const others = own.filter(({ type }) => type !== TOKEN && !PULL_SECRETS.includes(type));
  return {
    argument: [`${own.length} Secrets in the agents’ namespaces, by name and type`],
    counterExamples: tokens.map(({ namespace, name }): CounterExample => ({
      cause: 'api-token',
      summary: `the Secret ${namespace}/${name} is a token for the Kubernetes API, which any pod there could mount`,
      objects: [],
      because: [{ object: `Secret ${namespace}/${name}`, field: 'type' }],
      fix: 'Delete the Secret: agents have no business with the Kubernetes API.',
    })),
    reasons: others.map(
      ({ namespace, name, type }) =>
        `the Secret ${namespace}/${name} (${type}) could be mounted by an agent’s pod, and what it opens is not known`,
    ),
  };
}

/** What Vault gives to agents. Its policies are not objects of the cluster, so that somebody else must have read them. */
export function vaultFindings(vault: VaultEvidence | 'none' | undefined): Stored {
  if (vault === undefined) {
    const reason = 'Vault’s policies for agents were not read: whether an agent could still log in there is not known';
    return { argument: [], counterExamples: [], reasons: [reason] };
  }
  if (vault === 'none') return { argument: ['the platform has no Vault'], counterExamples: [], reasons: [] };
  const usable = vault.grants.filter(({ capabilities }) => capabilities.some((capability) => capability !== 'deny'));
  return {
    argument: [`${vault.grants.length} paths of Vault that roles of agents name (${vault.source})`],
    counterExamples: usable.map(({ account, policy, path, capabilities }): CounterExample => ({
      cause: 'vault-policy',
      summary: `the service account ${account} may ${capabilities.join(', ')} ${path} in Vault`,
      objects: [],
      because: [{ object: `Vault policy ${policy}`, field: path }],
      fix: 'Take the path out of the policy, revoke the leases by prefix and rotate what they were for (the one-way door).',
    })),
    reasons: [],
  };
}
