import type { ApiError } from './api-error.js';

/** What the API server answered. */
export type Answer =
  | { readonly admitted: true }
  | { readonly admitted: false; readonly by: string; readonly binding?: string; readonly says: string };

const DENIAL = /ValidatingAdmissionPolicy '([^']+)' with binding '([^']+)' denied request: (.*)$/s;

/** Tells from a refusal who refused. */
export function answerOf({ message, status, reason }: ApiError): Answer {
  const [, by, binding, says] = DENIAL.exec(message) ?? [];
  if (by !== undefined && binding !== undefined) return { admitted: false, by, binding, says: says ?? '' };
  const refusal = (who: string): Answer => ({ admitted: false, by: who, says: message });
  if (message.includes('violates PodSecurity')) return refusal('PodSecurity');
  if (status === 403 && / cannot \w+ resource /.test(message)) return refusal('RBAC');
  if (status === 422 && message.includes('enforcement.portarium.io')) return refusal('schema');
  return refusal(`HTTP ${status} ${reason}`.trim());
}
