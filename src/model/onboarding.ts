import { DNS_LABEL, Field } from './field.js';
import type { KubeObject } from './kube-object.js';

/** Ids at most: the rule that lets the list only shrink compares each with each, and the API server stops at a million. */
export const MAX_PENDING = 900;

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
