import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { formatAddress, formatCidrs, isEmpty, parseAddress, parseCidr } from '../model/addresses.js';
import { SUBJECT } from '../model/authorization/ids.js';
import { DURATION, tryDuration } from '../model/duration.js';
import { suggest } from './messages.js';

/** An object that refuses unknown keys and says which are known, one line for each. */
export const strict = <Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> =>
  z.strictObject(shape, {
    error: (issue) => {
      const known = Object.keys(shape);
      if (issue.code === 'unrecognized_keys') {
        return issue.keys.map((key) => `unknown key "${key}". ${suggest(key, known)}`).join('\n');
      }
      if (issue.input === undefined) return `missing: an object of ${known.join(', ')}.`;
      if (issue.code === 'invalid_type') return `expected an object, got ${show(issue.input)}.`;
      return undefined;
    },
  });

const WORDS: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  string: 'text',
};

/** What schemas of other packages' making say, in the words of this one; undefined leaves the message as it is. */
export function plainWords(issue: z.core.$ZodRawIssue): string | undefined {
  const { code, input } = issue;
  if (code === 'invalid_type') {
    const wanted = WORDS[issue.expected] ?? issue.expected;
    return input === undefined ? `missing: ${wanted}.` : `expected ${wanted}, got ${show(input)}.`;
  }
  if (code === 'too_small') return `too small. At least ${issue.minimum}.`;
  if (code === 'too_big') return `too big. At most ${issue.maximum}.`;
  return undefined;
}

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

/** @param pattern what editors check; `valid` decides */
const text = (
  what: string,
  valid: (value: string) => boolean,
  hint: string | ((value: string) => string),
  pattern?: RegExp,
) =>
  z
    .string({
      error: (issue) =>
        issue.input === undefined ? `missing: ${what}.` : `expected ${what}, got ${show(issue.input)}.`,
    })
    .refine(valid, {
      error: (issue) =>
        `${show(issue.input)} is not ${what}. ${typeof hint === 'string' ? hint : hint(issue.input as string)}`,
    })
    .meta(pattern === undefined ? {} : { pattern: pattern.source });

const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** RFC 1123 label: names of namespaces, service accounts and workspaces. */
export const dnsLabel = text(
  'a DNS-1123 label',
  (value) => LABEL.test(value),
  'Lower-case letters, digits and "-", at most 63 characters, beginning and ending with a letter or digit.',
  LABEL,
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
  /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+$/,
);

export const ipAddress = text(
  'an IP address',
  (value) => reads(parseAddress, value) && !value.toLowerCase().startsWith('::ffff:'),
  'For example "10.96.0.10".',
);

/** CIDR without host bits, which one data plane ignores and another refuses. */
export const cidr = text(
  'a CIDR',
  (value) => isCidr(value) && blockOf(value) === undefined,
  (value) => {
    const meant = isCidr(value) ? blockOf(value) : undefined;
    return meant === undefined
      ? 'An address, "/" and a prefix length, for example "10.0.0.0/16"; "/0" is never accepted.'
      : `It has bits beyond its prefix length. Did you mean "${meant}"?`;
  },
);

/** One family and not everything: `/0` is never what a peer is, and `::ffff:0:0/96` reads as IPv4 to some. */
function isCidr(value: string): boolean {
  if (!reads(parseCidr, value) || value.endsWith('/0')) return false;
  const set = parseCidr(value);
  return isEmpty({ ...set, 4: [] }) || isEmpty({ ...set, 6: [] });
}

/** The CIDR without its host bits, when it has some. */
function blockOf(value: string): string | undefined {
  const [address = '', length = ''] = value.split('/');
  const [block] = formatCidrs(parseCidr(value));
  return `${formatAddress(parseAddress(address))}/${length}` === block ? undefined : block;
}

function reads(parse: (value: string) => unknown, value: string): boolean {
  try {
    parse(value);
    return true;
  } catch {
    return false;
  }
}

export const port = z
  .number({
    error: (issue) =>
      issue.input === undefined ? 'missing: a port number.' : `expected a port number, got ${show(issue.input)}.`,
  })
  .refine((value) => Number.isInteger(value) && value >= 1 && value <= 65535, {
    error: (issue) => `${show(issue.input)} is not a port. Allowed: 1 to 65535.`,
  })
  .meta({ type: 'integer', minimum: 1, maximum: 65535 });

/** A port on public addresses: a resolver there takes whatever is put into a name. */
export const publicPort = port
  .refine((value) => value !== 53, { error: 'port 53 to the world is never opened.' })
  .meta({
    type: 'integer',
    anyOf: [
      { type: 'integer', minimum: 1, maximum: 52 },
      { type: 'integer', minimum: 54, maximum: 65535 },
    ],
  });

/** A container image with a tag or digest; `latest` says nothing about what runs. */
export const image = text(
  'an image with a tag or digest',
  (value) => /^[a-z0-9][\w.\-/:]*(:[\w.-]+|@sha256:[0-9a-f]{64})$/.test(value) && !value.endsWith(':latest'),
  'For example "registry.example.com/acme/sales-bot:1.4.2"; ":latest" is not accepted.',
  /^[a-z0-9][\w.\-/:]*(:[\w.-]+|@sha256:[0-9a-f]{64})$/,
);

const TOOL = /^[a-z][a-z0-9_.-]*(:[a-z][a-z0-9_.-]*)?$/;

/** Tool names as the runbook writes them, `invoice:create`, and as MCP does, which takes no colon: `portarium_run_start`. */
export const toolName = text(
  'a tool name',
  (value) => TOOL.test(value) && value.length <= 128,
  'Lower-case letters, digits and "_.-", system and action joined by ":" where there are both, for example "invoice:create".',
  TOOL,
);

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;

const LABEL_NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/** What the API server takes as a label's value, but never empty. */
export const isLabelValue = (value: string): boolean => LABEL_NAME.test(value);

function isLabelKey(key: string): boolean {
  const [name = '', prefix, ...rest] = key.split('/').reverse();
  const prefixed =
    prefix === undefined || (prefix.length <= 253 && prefix.split('.').every((part) => LABEL.test(part)));
  return rest.length === 0 && LABEL_NAME.test(name) && prefixed;
}

/** Label key or value pairs for a selector; at least one, so that it never selects everything. */
export const podLabels = z
  .record(z.string(), z.string(), {
    error: (issue) =>
      issue.input === undefined
        ? 'missing: labels, for example { app.kubernetes.io/name: vault }.'
        : `expected labels, got ${show(issue.input)}.`,
  })
  .refine((labels) => Object.keys(labels).length > 0, { error: 'at least one label, or it would select every pod.' })
  .refine((labels) => Object.entries(labels).every(([key, value]) => isLabelKey(key) && isLabelValue(value)), {
    error: (issue) =>
      `${show(issue.input)} are not labels. A key is an optional DNS name and "/", then, like the value, at most 63 letters, digits, "-", "_" and ".".`,
  })
  .meta({ minProperties: 1 });

/** A time span as Go writes it. */
export const timeSpan = text(
  'a duration',
  (value) => tryDuration(value) !== undefined,
  'Whole hours, minutes and seconds, for example "1h", "25m" or "1h30m".',
  DURATION,
);

/** Text of exactly this form. */
const form = (what: string, pattern: RegExp, example: string) =>
  text(what, (value) => pattern.test(value), `For example "${example}".`, pattern);

/** A word of a database's connection string, which has quoting rules of its own. */
export const databaseName = form('a name for the database', /^[A-Za-z][A-Za-z0-9_-]{0,62}$/, 'spire');

/** A mount point of Vault, without slashes around it. */
export const vaultPath = form('a path in Vault', /^[a-z0-9_-]+(\/[a-z0-9_-]+)*$/, 'pki');

export const awsRegion = form('an AWS region', /^[a-z]{2}(-[a-z]+)+-\d$/, 'eu-central-1');

export const awsArn = form(
  'an ARN',
  /^arn:aws[a-z-]*:[a-z-]+:[a-z0-9-]*:\d{12}:[\w/+=,.@-]+$/,
  'arn:aws:iam::123456789012:role/spire',
);

export const quantity = form('a size', /^[1-9]\d*(Mi|Gi|Ti)$/, '1Gi');

export const uid = form(
  'a UID',
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
  '5dbb7b21-65fe-11e9-b1b0-0800277ac80f',
);

/** A label of a node that its own kubelet may not write (NodeRestriction). */
export const nodeLabelKey = form(
  'a label that no kubelet can give itself',
  /^node-restriction\.kubernetes\.io\/[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/,
  'node-restriction.kubernetes.io/bridge',
);

/** A label's value, never empty. */
export const labelValue = form('a label’s value', /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/, 'north');

/** A user name as the API server knows it; a person, so never a service account or other system user. */
export const person = text(
  'a person’s user name',
  (value) => value.length > 0 && value.length <= 253 && !value.startsWith('system:'),
  'The name that the API server gets from the identity provider; pipelines and service accounts cannot approve.',
  /^(?!system:)./,
);

/** `https://` address without credentials, query or fragment. */
export const httpsUrl = text(
  'an https address',
  (value) => {
    if (!URL.canParse(value)) return false;
    const { protocol, username, password, search, hash } = new URL(value);
    return protocol === 'https:' && [username, password, search, hash].every((part) => part === '');
  },
  'For example "https://id.example.com/realms/portarium"; no user, query or fragment.',
  /^https:\/\/[^\s?#@]+$/,
);

/** `sub` of a person's tokens, as OpenFGA takes it for a user: an opaque word, no address. */
export const subject = text(
  'a subject',
  (value) => SUBJECT.test(value),
  'The `sub` of tokens: letters, digits and "._|+=/~-", at most 128; no "@" and no ":", which OpenFGA gives a meaning.',
  SUBJECT,
);

/** RFC 3339 in UTC. */
export const instant = text(
  'a point in time',
  (value) => INSTANT.test(value) && !Number.isNaN(Date.parse(value)),
  'RFC 3339 in UTC, for example "2026-12-01T08:00:00Z".',
  INSTANT,
);

/** A method of gRPC as HTTP has it. */
export const grpcMethod = form('a method of gRPC', /^\/[A-Za-z_][\w.]*\/[A-Za-z_]\w*$/, '/portarium.v1.Runs/Start');

/** A relation of OpenFGA's to a workspace. */
export const relation = form('a relation', /^[a-z][a-z_]{0,49}$/, 'run_start');

/** A store's name, as OpenFGA takes it. */
export const storeName = form('a name for a store', /^[a-zA-Z0-9][a-zA-Z0-9._-]{2,63}$/, 'portarium');

/** An audience, a type or a claim's name. */
export const word = text(
  'a word',
  (value) => /^[\w.+:/-]{1,128}$/.test(value),
  'Letters, digits and "_.+:/-", at most 128.',
  /^[\w.+:/-]{1,128}$/,
);

/** Certificates that sign others, in PEM. */
export const certificateAuthority = text(
  'PEM of certificate authorities',
  (value) => {
    const blocks = value.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    return (
      blocks.length > 0 &&
      blocks.every((block) => reads((pem) => new X509Certificate(pem), block) && new X509Certificate(block).ca)
    );
  },
  'One or more blocks "-----BEGIN CERTIFICATE-----" whose certificates may sign others (CA:TRUE).',
);
