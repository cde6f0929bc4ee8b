import { SPIRE_SOCKETS } from '../../model/spire.js';
import type { Field } from '../kube-object.js';
import type { KubeObject } from '../kube-object.js';
import { containersOf } from './credentials-pods.js';
import type { Template } from './credentials-pods.js';

/** A credential that a pod is given, or (`known: false`) something that may be one. */
export interface Found {
  readonly cause: string;
  readonly object: string;
  readonly field: string;
  readonly what: string;
  readonly known: boolean;
}

/** Whose tokens a pod may hold: how the audience of the Kubernetes API begins, and of Vault. */
const API_AUDIENCES = ['https://kubernetes.default', 'kubernetes.default', 'https://container.googleapis.com/'];
/** Volumes that hold nothing which was not read, or only what the pod itself puts there. */
const HARMLESS = ['emptyDir', 'configMap', 'downwardAPI', 'projected', 'secret', 'csi'];
export const SOUNDS_SECRET = /passw(or)?d|secret|token|api_?key|credential|private_?key|access_?key/i;

/** What a pod of agents is given that could be a credential. @param audiences of tokens that are the platform's own */
export function credentialsIn(
  template: Template,
  objects: readonly KubeObject[],
  audiences: ReadonlySet<string>,
  platformSecrets: ReadonlySet<string>,
): readonly Found[] {
  const at = (cause: string, field: string, what: string, known = true): Found => ({
    cause,
    object: template.object,
    field: `${template.field}.${field}`,
    what,
    known,
  });
  const secret = (field: string, ref: Field, key: string): readonly Found[] => {
    if (ref.absent) return [];
    const name = ref.at(key).optionalText() ?? '(no name)';
    return platformSecrets.has(name) ? [] : [at('secret-in-pod', field, `the Secret ${template.namespace}/${name}`)];
  };
  const environment = containersOf(template).flatMap(([path, container]) => [
    ...container
      .at('env')
      .items()
      .flatMap((variable, i) => {
        const field = `${path}.env[${i}]`;
        const name = variable.at('name').text();
        const literal = variable.at('value').optionalText() ?? '';
        return [
          ...secret(`${field}.valueFrom.secretKeyRef`, variable.at('valueFrom').at('secretKeyRef'), 'name'),
          ...(SOUNDS_SECRET.test(name) && literal !== ''
            ? [at('literal-credential', field, `a value for ${name}, which sounds like a credential`, false)]
            : []),
        ];
      }),
    ...container
      .at('envFrom')
      .items()
      .flatMap((source, i) => secret(`${path}.envFrom[${i}].secretRef`, source.at('secretRef'), 'name')),
  ]);
  const volumes = template.spec
    .at('volumes')
    .items()
    .flatMap((volume, i) => [
      ...secret(`volumes[${i}].secret`, volume.at('secret'), 'secretName'),
      ...volume
        .at('projected')
        .at('sources')
        .items()
        .flatMap((source, j) => projected(`volumes[${i}].projected.sources[${j}]`, source, audiences, secret, at)),
      ...unread(`volumes[${i}]`, volume, at),
    ]);
  return [...environment, ...volumes, ...automounted(template, objects, at), ...injected(template, at)];
}

type At = (cause: string, field: string, what: string, known?: boolean) => Found;

function projected(
  field: string,
  source: Field,
  audiences: ReadonlySet<string>,
  secret: (field: string, ref: Field, key: string) => readonly Found[],
  at: At,
): readonly Found[] {
  const found = [...secret(`${field}.secret`, source.at('secret'), 'name')];
  if (!source.at('podCertificate').absent) {
    found.push(
      at('api-token', `${field}.podCertificate`, 'a certificate, which some signers make for the Kubernetes API'),
    );
  }
  const token = source.at('serviceAccountToken');
  if (token.absent) return found;
  const audience = token.at('audience').optionalText() ?? '';
  const where = `${field}.serviceAccountToken`;
  if (audience === '' || API_AUDIENCES.some((known) => audience.startsWith(known))) {
    found.push(at('api-token', where, 'a token for the Kubernetes API'));
  } else if (/vault/i.test(audience)) {
    found.push(at('vault-token', where, `a token for Vault (${audience})`));
  } else if (!audiences.has(audience)) {
    found.push(at('unknown-token', where, `a token for ${audience}, of which nothing is known`, false));
  }
  return found;
}

/** Volumes whose contents were not read; SPIRE's socket gives an SVID, which claim I is about. */
function unread(field: string, volume: Field, at: At): readonly Found[] {
  const kinds = Object.keys(volume.value as object).filter((key) => key !== 'name');
  const driver = volume.at('csi').at('driver').optionalText();
  return [
    ...kinds
      .filter((kind) => !HARMLESS.includes(kind))
      .map((kind) =>
        at('unread-volume', `${field}.${kind}`, `a volume of the kind ${kind}, whose files were not read`, false),
      ),
    ...(driver === undefined || driver === SPIRE_SOCKETS.csiDriver
      ? []
      : [at('unread-volume', `${field}.csi`, `a volume of the driver ${driver}, whose files were not read`, false)]),
  ];
}

/** The pod says it, or else its service account, or else it is so. */
function automounted(
  { spec, namespace, serviceAccount }: Template,
  objects: readonly KubeObject[],
  at: At,
): readonly Found[] {
  const own = spec.at('automountServiceAccountToken').value;
  const account = objects.find(
    ({ kind, metadata }) =>
      kind === 'ServiceAccount' && metadata?.namespace === namespace && metadata?.name === serviceAccount,
  ) as { readonly automountServiceAccountToken?: unknown } | undefined;
  const off = own === false || (own === undefined && account?.automountServiceAccountToken === false);
  return off ? [] : [at('api-token', 'automountServiceAccountToken', 'a token for the Kubernetes API')];
}

const injected = ({ annotations, object }: Template, at: At): readonly Found[] =>
  [...annotations.keys()]
    .filter((key) => key.startsWith('vault.hashicorp.com/'))
    .map((key) => ({
      ...at('vault-injection', '', 'Secrets of Vault'),
      object,
      field: `metadata.annotations[${key}]`,
    }));
