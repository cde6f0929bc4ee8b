import { DNS_LABEL, Field } from '../field.js';
import type { KubeObject } from '../kube-object.js';

/** Where OpenFGA has the authorization model that an AuthorizationModel publishes. Throws Unreadable. */
export function modelOf(object: KubeObject): { readonly storeId: string; readonly modelId: string } {
  const { name } = object.metadata;
  const spec = new Field(object['spec'], `AuthorizationModel ${name}: spec`);
  const hash = spec.get('hash').text(/^[0-9a-f]{64}$/, 'a SHA-256 in lower-case hex');
  if (hash !== name) spec.get('hash').refuse(`is "${hash}", but the object’s name is "${name}".`);
  return { storeId: ulid(spec.get('storeId')), modelId: ulid(spec.get('modelId')) };
}

/** The workspaces that may be served before they have a policy. Throws Unreadable. */
export function onboardingOf(object: KubeObject): ReadonlySet<string> {
  const spec = new Field(object['spec'], `Onboarding ${object.metadata.name}: spec`);
  return new Set(
    spec
      .get('pending')
      .list()
      .map((id) => id.text(DNS_LABEL, 'a DNS-1123 label')),
  );
}

const ulid = (field: Field): string => field.text(/^[0-9A-HJKMNP-TV-Z]{26}$/, 'an id as OpenFGA gives it');
