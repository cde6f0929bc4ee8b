/** Any value as a CEL literal: JSON's strings, numbers, lists and maps are CEL's. */
export const literal = (
  value: string | number | readonly string[] | Readonly<Record<string, readonly string[]>>,
): string => JSON.stringify(value);

/** The label `key` of `object` or `oldObject`, `""` where it is absent; an empty value selects nothing either. */
export const label = (key: string, of: 'object' | 'oldObject' = 'object'): string =>
  `${of}.metadata.?labels[?${literal(key)}].orValue("")`;

/** The service account of the pod under review; the API server has filled in `default` by then. */
export const ACCOUNT = 'object.spec.?serviceAccountName.orValue("")';

/** Whether the caller is in one of the groups. */
export const callerIn = (...groups: readonly string[]): string =>
  `request.userInfo.groups.exists(group, group in ${literal(groups)})`;

/** Whether the caller is one of the users. */
export const callerIs = (...users: readonly string[]): string => `request.userInfo.username in ${literal(users)}`;
