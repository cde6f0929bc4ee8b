import { isIP } from 'node:net';
import { z } from 'zod';
import { suggest } from './messages.js';

/** An object that refuses unknown keys and says which are known. */
export const strict = <Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> =>
  z.strictObject(shape, {
    error: (issue) => {
      if (issue.code === 'unrecognized_keys') {
        const keys = issue.keys as string[];
        return keys.map((key) => `unknown key "${key}". ${suggest(key, Object.keys(shape))}`).join(' ');
      }
      if (issue.code === 'invalid_type') return `expected an object, got ${show(issue.input)}.`;
      return undefined;
    },
  });

/** One of a fixed list of words. */
export const oneOf = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.enum(values, {
    error: (issue) =>
      `${issue.input === undefined ? 'missing' : `${show(issue.input)} is not allowed`}. ${suggest(issue.input, values)}`,
  });

/** How a value is shown in a message: as JSON, cut at 80 characters. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

const text = (what: string, valid: (value: string) => boolean, hint: string) =>
  z
    .string({
      error: (issue) =>
        issue.input === undefined ? `missing: ${what}.` : `expected ${what}, got ${show(issue.input)}.`,
    })
    .refine(valid, { error: (issue) => `${show(issue.input)} is not ${what}. ${hint}` });

const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** RFC 1123 label: names of namespaces, service accounts and workspaces. */
export const dnsLabel = text(
  'a DNS-1123 label',
  (value) => LABEL.test(value),
  'Lower-case letters, digits and "-", at most 63 characters, beginning and ending with a letter or digit.',
);

/** Exact DNS name with at least two labels (RFC 1123), no wildcard, no trailing dot, no address. */
export const dnsName = text(
  'an exact DNS name',
  (value) =>
    value.length <= 253 &&
    value.includes('.') &&
    value.split('.').every((label) => LABEL.test(label)) &&
    /[a-z]/.test(value.split('.').at(-1)!),
  'Lower-case labels joined by dots, no wildcard, no trailing dot, no IP address, for example "api.hubspot.com".',
);

export const ipAddress = text('an IP address', (value) => isIP(value) !== 0, 'For example "10.96.0.10".');

/** CIDR without host bits is checked by the address arithmetic; here only its form. */
export const cidr = text(
  'a CIDR',
  (value) => {
    const [address, length, ...rest] = value.split('/');
    const family = isIP(address ?? '');
    const bits = Number(length);
    return (
      rest.length === 0 &&
      family !== 0 &&
      /^\d{1,3}$/.test(length ?? '') &&
      bits <= (family === 4 ? 32 : 128) &&
      bits > 0
    );
  },
  'An address, "/" and a prefix length, for example "10.0.0.0/16"; "/0" is never accepted.',
);

export const port = z
  .number({ error: (issue) => `expected a port number, got ${show(issue.input)}.` })
  .refine((value) => Number.isInteger(value) && value >= 1 && value <= 65535, {
    error: (issue) => `${show(issue.input)} is not a port. Allowed: 1 to 65535.`,
  });

/** A container image with a tag or digest; `latest` says nothing about what runs. */
export const image = text(
  'an image with a tag or digest',
  (value) => /^[a-z0-9][\w.\-/:]*(:[\w.-]+|@sha256:[0-9a-f]{64})$/.test(value) && !value.endsWith(':latest'),
  'For example "registry.example.com/acme/sales-bot:1.4.2"; ":latest" is not accepted.',
);

/** Tool names as the runbook writes them: `invoice:create`. */
export const toolName = text(
  'a tool name',
  (value) => /^[a-z][a-z0-9_.-]*:[a-z][a-z0-9_.-]*$/.test(value) && value.length <= 128,
  'System and action in lower case joined by ":", for example "invoice:create".',
);

/** Label key or value pairs for a selector; at least one, so that it never selects everything. */
export const podLabels = z
  .record(z.string(), z.string(), { error: (issue) => `expected labels, got ${show(issue.input)}.` })
  .refine((labels) => Object.keys(labels).length > 0, { error: 'at least one label, or it would select every pod.' });

/** A user name as the API server knows it; a person, so never a service account or other system user. */
export const person = text(
  'a person’s user name',
  (value) => value.length > 0 && value.length <= 253 && !value.startsWith('system:'),
  'The name that the API server gets from the identity provider; pipelines and service accounts cannot approve.',
);
