import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Edge, End, Port } from '../model/edges.js';
import { ConfigError, renderPath } from './messages.js';
import { cidr, dnsLabel, dnsName, plainWords, podLabels, strict } from './values.js';
import { parseOneDocument } from './yaml-document.js';

/** What `enforce prove --intent` reads: the namespaces whose every pod is judged, and the edges that are to be open. */
export interface IntentFile {
  readonly namespaces: readonly string[];
  /** That the edges are open, not only that nothing else is. */
  readonly exact: boolean;
  readonly edges: readonly IntendedEdgeConfig[];
}

/** An edge; without `forwards` it is not known whether its destination sends on what it is given. */
export type IntendedEdgeConfig = Pick<Edge, 'id' | 'from' | 'to' | 'ports'> & { readonly forwards?: Edge['forwards'] };

const PORT = /^(TCP|UDP)\/([1-9]\d{0,4})$/;

const pods = strict({ namespace: dnsLabel, labels: podLabels.optional() });
const addresses = strict({ cidrs: z.array(cidr).min(1) });
const hosts = strict({ hosts: z.array(dnsName).min(1) });

const schema = strict({
  namespaces: z.array(dnsLabel).min(1),
  exact: z.boolean().default(true),
  edges: z.array(
    strict({
      id: z.string().min(1),
      from: z.union([pods, addresses]),
      to: z.union([pods, addresses, hosts]),
      ports: z
        .array(z.string().refine((text) => Number(PORT.exec(text)?.[2]) <= 65535, 'Not a port. For example TCP/443.'))
        .min(1),
      forwards: strict({ does: z.boolean(), why: z.string().min(1) }).optional(),
    }),
  ),
});

/** Reads an intent. Throws ConfigError with every problem and its line. */
export function parseIntent(text: string, path: string): IntentFile {
  const document = parseOneDocument(text, path);
  const result = schema.safeParse(document.root, { error: plainWords });
  if (!result.success) {
    throw new ConfigError(
      result.error.issues.map((issue) => ({
        where: document.where(issue.path),
        path: renderPath(issue.path),
        message: issue.code === 'invalid_union' ? END : issue.message,
      })),
    );
  }
  const { namespaces, exact, edges } = result.data;
  return {
    namespaces,
    exact,
    edges: edges.map(({ id, from, to, ports, forwards }) => ({
      id,
      from: endOf(from),
      to: endOf(to),
      ports: ports.map(portOf),
      ...(forwards && { forwards }),
    })),
  };
}

export const loadIntent = (path: string): IntentFile => parseIntent(readFileSync(path, 'utf8'), path);

const END = 'Allowed: { namespace, labels }, { cidrs } or, for a destination, { hosts }.';

type EndConfig = z.output<typeof pods> | z.output<typeof addresses> | z.output<typeof hosts>;

function endOf(end: EndConfig): End {
  if ('hosts' in end) return { kind: 'public', name: end.hosts.join(', '), hosts: end.hosts };
  if ('cidrs' in end) return { kind: 'addresses', name: end.cidrs.join(', '), cidrs: end.cidrs };
  const { namespace, labels = {} } = end;
  const shown = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return { kind: 'pods', name: [namespace, ...shown].join(' '), namespace, labels };
}

function portOf(text: string): Port {
  const [protocol, port] = text.split('/') as ['TCP' | 'UDP', string];
  return { protocol, service: Number(port), target: Number(port) };
}
