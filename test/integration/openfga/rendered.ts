import { renderPlatform } from '../../../src/charts/render.js';
import { loadStacks } from '../../../src/config/load.js';
import { OPENFGA_PATHS } from '../../../src/constructs/openfga/paths.js';
import { serviceHost, NAMESPACES } from '../../../src/model/names.js';
import type { Platform } from '../../../src/model/platform.js';

/** Arguments and environment of a container. */
export interface Start {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** What is another here than in a cluster, and nothing else. */
export interface Here {
  readonly http: number;
  readonly grpc: number;
  readonly metrics: number;
  /** In the place of /run/openfga. */
  readonly folder: string;
  /** Port of a Postgres on loopback, to which the rendered host leads (`hosts`). */
  readonly datastore: { readonly engine: 'memory' } | { readonly engine: 'postgres'; readonly port: number };
  /** Values of Secrets, by `name/key`. */
  readonly secrets: Readonly<Record<string, string>>;
}

const { platform } = loadStacks({ dir: 'stacks' });
/** The name by which the servers are asked, and which their certificate must have. */
export const HOST = serviceHost('openfga', NAMESPACES.controlPlane, platform.cluster.domain);

/** Where the rendered database is; on loopback here. */
export const DATABASE_HOST = platform.openfga.datastore.type === 'postgres' ? platform.openfga.datastore.host : 'none';

interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
}
interface Workload {
  readonly template: { readonly spec: { readonly containers: readonly { args: string[]; env: EnvVar[] }[] } };
}

/** The committed stack's server, or its migration, as rendered but for what is another here. */
export function startOf(kind: 'Deployment' | 'Job', here: Here, of: Platform = platform): Start {
  const found = renderPlatform(of).find((object) => object.kind === kind && object.metadata.name.startsWith('openfga'));
  const [{ args, env }] = (found!['spec'] as Workload).template.spec.containers as [{ args: string[]; env: EnvVar[] }];
  const changed: Readonly<Record<string, string>> = {
    OPENFGA_HTTP_ADDR: `127.0.0.1:${here.http}`,
    OPENFGA_GRPC_ADDR: `127.0.0.1:${here.grpc}`,
    OPENFGA_METRICS_ADDR: `127.0.0.1:${here.metrics}`,
    OPENFGA_DATASTORE_ENGINE: here.datastore.engine,
  };
  const database = here.datastore.engine === 'postgres' ? String(here.datastore.port) : '1';
  const values = env.map(({ name, value, valueFrom }) => {
    const secret = valueFrom && here.secrets[`${valueFrom.secretKeyRef.name}/${valueFrom.secretKeyRef.key}`];
    if (valueFrom && secret === undefined) throw new Error(`${name}: no value for ${JSON.stringify(valueFrom)}`);
    return [name, changed[name] ?? secret ?? value!.replace(ROOT, here.folder).replace(PORT, database)] as const;
  });
  return { args, env: Object.fromEntries(values) };
}

/** Of a URI of Postgres. */
const PORT = /(?<=^postgres:\/\/[^/]+:)\d+/;
/** /run/openfga */
const ROOT = OPENFGA_PATHS.tls.slice(0, OPENFGA_PATHS.tls.lastIndexOf('/'));
/** Where a certificate and the database's authority stand, below the folder. */
export const FILES = {
  certificate: 'tls/tls.crt',
  key: 'tls/tls.key',
  databaseCa: `${OPENFGA_PATHS.databaseCa.slice(ROOT.length + 1)}/ca.crt`,
} as const;
