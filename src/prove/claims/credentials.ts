import type { VaultEvidence } from '../../model/vault-evidence.js';
import type { Level } from '../../model/levels.js';
import { Field } from '../kube-object.js';
import type { KubeObject } from '../kube-object.js';
import type { ClaimVerdict, CounterExample } from './claim.js';
import { credentialsIn, SOUNDS_SECRET } from './credentials-found.js';
import { templatesIn } from './credentials-pods.js';
import { secretFindings, vaultFindings } from './credentials-stores.js';
import type { SecretRef } from './credentials-stores.js';
import { notBelow } from './prove.js';
import { guard, guardsMissing, isClaimedAt, settle } from './settle.js';
import { titleOf } from './write-access-rbac.js';

export interface CredentialsInput {
  /** Pods, whatever makes pods, and service accounts; ConfigMaps. */
  readonly objects: readonly KubeObject[];
  /** Of agents. */
  readonly namespaces: readonly string[];
  /** As `guardsInForce` gives them. */
  readonly guards: ReadonlySet<string>;
  /** Absent: the claim is made. */
  readonly level?: Level;
  /** Every Secret of these namespaces, without its data; absent where they were not listed. */
  readonly secrets?: readonly SecretRef[];
  /** What Vault gives to agents; `none` where the platform has no Vault; absent where nobody looked. */
  readonly vault?: VaultEvidence | 'none';
  /** Audiences of tokens that are the platform's own. @default none */
  readonly audiences?: readonly string[];
  /** Names of Secrets that the platform itself gives to agents. @default none */
  readonly platformSecrets?: readonly string[];
}

/** What a pod of tomorrow could be given without these, each as the end of “without it, …”. */
export const CREDENTIAL_GUARDS: Readonly<Record<string, string>> = {
  [guard('agent-tokens')]: 'a pod among agents may mount a token for the Kubernetes API',
  [guard('token-requests')]: 'whoever asks for a token of an agent’s service account gets one, for Vault too',
  [guard('token-secrets')]: 'a Secret may hold a token of an agent that never expires',
  [guard('agent-annotations')]: 'Vault’s injector may put Secrets into a pod that asks by annotations',
  [guard('agent-volumes')]: 'a pod may mount a volume that others write credentials to',
  [guard('agent-claims')]: 'a claim among agents may share a volume that others write credentials to',
  [guard('host-access')]: 'a pod may read the node’s files, and every pod’s Secrets among them',
};

/** Annotations by which a service account is a role of a cloud provider. */
const CLOUD_ROLES = [
  'eks.amazonaws.com/role-arn',
  'iam.gke.io/gcp-service-account',
  'azure.workload.identity/client-id',
];

/**
 * Claim C: no credential of a system of record that agents could use. No pod or template among agents is given a Secret,
 * a token for the Kubernetes API or for Vault, or a role of the cloud; guards keep tokens from pods of tomorrow. No
 * guard keeps a pod from mounting a Secret that is in its namespace: so those are listed, or the claim is left open.
 * Secrets that images are pulled with are the kubelet's, and left out. Throws UnreadableObjectError.
 */
export function proveCredentials(input: CredentialsInput): ClaimVerdict {
  const { objects, namespaces, guards, level, secrets, vault, audiences = [], platformSecrets = [] } = input;
  if (!isClaimedAt(level, 'C')) return notBelow('C');
  const own = new Set(namespaces);
  const templates = templatesIn(objects, own);
  const found = templates.flatMap((each) => credentialsIn(each, objects, new Set(audiences), new Set(platformSecrets)));
  const accounts = objects.filter(
    ({ kind, metadata }) => kind === 'ServiceAccount' && own.has(metadata?.namespace ?? ''),
  );
  const missing = Object.entries(CREDENTIAL_GUARDS).filter(([name]) => !guards.has(name));
  const stored = secretFindings(secrets, namespaces, new Set(platformSecrets));
  const vaulted = vaultFindings(vault);
  return settle('C', {
    argument: [
      `${templates.length} pods and pod templates in ${namespaces.join(', ')}: environment, volumes, tokens, annotations`,
      `${accounts.length} service accounts, none of which is a role of a cloud provider`,
      ...stored.argument,
      ...vaulted.argument,
    ],
    counterExamples: [
      ...found
        .filter(({ known }) => known)
        .map(({ cause, object, field, what }): CounterExample => ({
          cause,
          summary: `pods of ${object} are given ${what}`,
          objects: [],
          because: [{ object, field }],
          fix: 'Take it out of the pod: agents act through the control plane, whose workers hold the credentials.',
        })),
      ...accounts.flatMap(cloudRoles),
      ...stored.counterExamples,
      ...vaulted.counterExamples,
      ...missing.map(([name, without]) => guardsMissing([name], `without the guard ${name} ${without}`)),
    ],
    reasons: [
      ...(namespaces.length === 0 ? ['there is no namespace of agents'] : []),
      ...(templates.length === 0 ? ['no pod or pod template of agents was read'] : []),
      ...found.filter(({ known }) => !known).map(({ object, field, what }) => `${object}: ${field} is ${what}`),
      ...configMaps(objects, own),
      ...stored.reasons,
      ...vaulted.reasons,
    ],
    assumptions: [
      {
        assumed: 'no credential is baked into an agent’s image or told to it in a prompt',
        checkedBy: 'the scan of the images; rotation of each system of record’s keys once agents no longer need them',
      },
    ],
  });
}

/** Files that anybody who can read ConfigMaps sees, and pods mount without a word. */
const configMaps = (objects: readonly KubeObject[], own: ReadonlySet<string>): readonly string[] =>
  objects
    .filter(({ kind, metadata }) => kind === 'ConfigMap' && own.has(metadata?.namespace ?? ''))
    .flatMap((each) =>
      [...Field.of(each).at('data').labels().keys()]
        .filter((key) => SOUNDS_SECRET.test(key))
        .map((key) => `${titleOf(each)}: data.${key} sounds like a credential`),
    );

const cloudRoles = (account: KubeObject): readonly CounterExample[] =>
  [...Field.of(account).at('metadata').at('annotations').labels().keys()]
    .filter((key) => CLOUD_ROLES.includes(key))
    .map((key) => ({
      cause: 'cloud-role',
      summary: `pods of ${titleOf(account)} may act as a role of the cloud provider`,
      objects: [],
      because: [{ object: titleOf(account), field: `metadata.annotations[${key}]` }],
      fix: 'Take the annotation away, and the trust in this service account out of the role.',
    }));
