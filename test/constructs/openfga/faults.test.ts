/* eslint-disable @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-call -- objects of every kind are looked into */
import { describe, expect, it } from 'vitest';
import { openfgaFaults } from '../../../src/constructs/openfga/faults/faults.js';
import type { KubeObject } from '../../../src/model/kube-object.js';
import { specOf, type Json } from '../spire/fixture.js';
import { isOpenFga, MEMORY, migrationsOf, renderOpenFga, serverOf } from './fixture.js';

const POSTGRES = renderOpenFga({}, { monitoring: { podMonitors: true } }).filter(isOpenFga);
const IN_MEMORY = renderOpenFga(MEMORY).filter(isOpenFga);

/** The objects after a change of copies of them. */
type Change = (objects: KubeObject[]) => void;
function faultsAfter(change: Change, of = POSTGRES): readonly string[] {
  const objects = structuredClone(of);
  change(objects);
  return openfgaFaults(objects);
}

const server =
  (edit: (spec: Json, container: Json) => void): Change =>
  (objects) => {
    const spec = specOf(serverOf(objects));
    edit(spec, spec.template.spec.containers[0]);
  };
const job =
  (edit: (job: Json, container: Json) => void): Change =>
  (objects) => {
    const [found] = migrationsOf(objects);
    edit(found, specOf(found!).template.spec.containers[0]);
  };
const set = (name: string, value?: string) =>
  server((_spec, container) => {
    container.env = container.env.filter((each: Json) => each.name !== `OPENFGA_${name}`);
    if (value !== undefined) container.env.push({ name: `OPENFGA_${name}`, value });
  });
const images = (tag: string): Change => {
  const image = `docker.io/openfga/openfga${tag}`;
  return (objects) => {
    server((_spec, container) => (container.image = image))(objects);
    job((_job, container) => (container.image = image))(objects);
  };
};
const jobName = (objects: readonly KubeObject[]): string => migrationsOf(objects)[0]!.metadata.name;

it('there is none in what is rendered', () => {
  expect(openfgaFaults(POSTGRES)).toEqual([]);
  expect(openfgaFaults(IN_MEMORY)).toEqual([]);
});

/** The traps of research, section 3, and of the chart. */
const TRAPS: readonly (readonly [what: string, change: Change, said: readonly string[]])[] = [
  ...[undefined, 'true'].map(
    (value) =>
      [
        `the playground, ${value ?? 'by the chart’s default'}`,
        set('PLAYGROUND_ENABLED', value),
        ['the playground is not off; it serves anyone, and with preshared keys the server does not start.'],
      ] as const,
  ),
  ['the profiler', set('PROFILER_ENABLED', 'true'), ['the profiler is not off; it shows memory to anyone.']],
  ...[undefined, '*'].map(
    (value) =>
      [
        `every origin, ${value ?? 'by default'}`,
        set('HTTP_CORS_ALLOWED_ORIGINS', value),
        ['pages of every origin may ask the server (CORS); name an origin.'],
      ] as const,
  ),
  [
    'weighted_graph_check',
    set('EXPERIMENTALS', 'pipeline_list_objects,weighted_graph_check'),
    ['weighted_graph_check is on, which has answered wrong in many versions.'],
  ],
  ['no authentication', set('AUTHN_METHOD'), ['callers are authenticated by nothing, not by preshared keys.']],
  [
    'a key in plain',
    set('AUTHN_PRESHARED_KEYS', 'a-key'),
    [
      'the preshared keys come from no Secret.',
      'OPENFGA_AUTHN_PRESHARED_KEYS of Deployment openfga is in plain; take it from a Secret.',
    ],
  ],
  ['no keys', set('AUTHN_PRESHARED_KEYS'), ['the preshared keys come from no Secret.']],
  [
    'a password in plain',
    job((_job, container) => {
      container.env = container.env.map((each: Json) =>
        each.name === 'OPENFGA_DATASTORE_PASSWORD' ? { name: each.name, value: 'secret' } : each,
      );
    }),
    [`OPENFGA_DATASTORE_PASSWORD of Job ${jobName(POSTGRES)} is in plain; take it from a Secret.`],
  ],
  [
    'credentials in the URI',
    set('DATASTORE_URI', 'postgres://openfga:secret@db.example.com:5432/openfga?sslmode=verify-full'),
    ['OPENFGA_DATASTORE_URI of Deployment openfga holds credentials; take them from a Secret.'],
  ],
  [
    'a token of the Kubernetes API',
    server(({ template }) => delete template.spec.automountServiceAccountToken),
    ['Deployment openfga mounts a token of the Kubernetes API, which OpenFGA never asks.'],
  ],
  [
    'HTTP without TLS',
    set('HTTP_TLS_ENABLED'),
    ['HTTP is in plain, preshared keys with it; set OPENFGA_HTTP_TLS_ENABLED.'],
  ],
  [
    'gRPC without TLS',
    set('GRPC_TLS_ENABLED', 'false'),
    ['GRPC is in plain, preshared keys with it; set OPENFGA_GRPC_TLS_ENABLED.'],
  ],
  [
    'TLS without a certificate',
    server((_spec, container) => {
      container.volumeMounts = container.volumeMounts.filter(({ name }: Json) => name !== 'tls');
    }),
    ['HTTP', 'GRPC'].flatMap((side) => [
      `OPENFGA_${side}_TLS_CERT is "/run/openfga/tls/tls.crt", which no volume has.`,
      `OPENFGA_${side}_TLS_KEY is "/run/openfga/tls/tls.key", which no volume has.`,
    ]),
  ],
  [
    'no /tmp for the socket between both sides',
    server((_spec, container) => {
      container.volumeMounts = container.volumeMounts.filter(({ name }: Json) => name !== 'tmp');
    }),
    [
      'the root is read-only and /tmp is no volume: the server’s HTTP side then asks its gRPC side by a name that its certificate has not.',
    ],
  ],
  [
    ':latest',
    images(':latest'),
    [
      '"docker.io/openfga/openfga:latest" names no version, by which known wrong answers are told and the migration is named. Use a tag such as "v1.22.1", with or without a digest behind it.',
    ],
  ],
  [
    'the version of the chart',
    images(':v1.18.3'),
    [
      'OpenFGA 1.18.3 has GHSA-h7w8 (ListUsers with a nested exclusion and a wildcard); GHSA-5278 (StreamedListObjects with an exclusion that fails). Use 1.20.0 or newer.',
      `the Job ${jobName(POSTGRES)} does not hold the version 1-18-3 in its name; a Job cannot be changed, so each version needs one of its own.`,
    ],
  ],
  [
    'caches over five seconds',
    set('CHECK_QUERY_CACHE_TTL', '4s'),
    ['the caches hold answers for 4 + 1 + 1 s; a revoked tuple must deny within 5 s.'],
  ],
  [
    'a cache for as long as by default',
    set('CHECK_ITERATOR_CACHE_TTL'),
    ['the caches hold answers for 2 + 10 + 1 s; a revoked tuple must deny within 5 s.'],
  ],
  [
    'a cache for nobody knows how long',
    set('CACHE_CONTROLLER_TTL', 'a while'),
    ['the caches hold answers for 2 + 1 + NaN s; a revoked tuple must deny within 5 s.'],
  ],
  [
    'jitter',
    set('CACHE_TTL_JITTER_PERCENTAGE', '100'),
    ['jitter lengthens what the caches hold; leave OPENFGA_CACHE_TTL_JITTER_PERCENTAGE out.'],
  ],
  [
    'shared iterators',
    set('SHARED_ITERATOR_ENABLED', 'true'),
    ['shared iterators keep reads that are older than the caches’ limit; leave OPENFGA_SHARED_ITERATOR_ENABLED out.'],
  ],
  [
    'the migration as init containers',
    (objects) => {
      const [migration] = migrationsOf(objects);
      const [container] = specOf(migration!).template.spec.containers;
      objects.splice(objects.indexOf(migration!), 1);
      specOf(serverOf(objects)).template.spec.initContainers = [container];
    },
    [
      'the migration is an init container, so every server runs it at its start; migrations take no lock. Make it a Job.',
      '0 Jobs bring the schema to the server’s version; it must be one.',
    ],
  ],
  [
    'no migration',
    (objects) => objects.splice(objects.indexOf(migrationsOf(objects)[0]!), 1),
    ['0 Jobs bring the schema to the server’s version; it must be one.'],
  ],
  [
    'two migrations',
    (objects) => objects.push(migrationsOf(objects)[0]!),
    ['2 Jobs bring the schema to the server’s version; it must be one.'],
  ],
  [
    'a migration of another version',
    job((_job, container) => (container.image = 'docker.io/openfga/openfga:v1.21.0')),
    [
      'the migration runs "docker.io/openfga/openfga:v1.21.0", the server "docker.io/openfga/openfga:v1.22.1"; the schema must be the server’s.',
      `the Job ${jobName(POSTGRES)} does not hold the version 1-21-0 in its name; a Job cannot be changed, so each version needs one of its own.`,
    ],
  ],
  [
    'a Job of one name for all versions',
    job((each) => (each.metadata.name = 'openfga-migrate')),
    [
      'the Job openfga-migrate does not hold the version 1-22-1 in its name; a Job cannot be changed, so each version needs one of its own.',
    ],
  ],
  [
    'servers that may change the schema',
    server((_spec, container) => {
      const { valueFrom } = container.env.find(({ name }: Json) => name === 'OPENFGA_DATASTORE_PASSWORD');
      valueFrom.secretKeyRef.name = 'openfga-datastore-migration';
    }),
    ['server and migration have one role of the database; the server must not be able to change the schema.'],
  ],
  [
    'a database that need not prove itself',
    set('DATASTORE_URI', 'postgres://db.example.com:5432/openfga?sslmode=require'),
    ['Deployment openfga does not verify the database; set sslmode=verify-full.'],
  ],
  [
    'a database of another kind',
    set('DATASTORE_ENGINE', 'sqlite'),
    [
      'there is a migration and no database that it would change.',
      'the datastore is "sqlite"; it is postgres or, to try out, memory.',
    ],
  ],
  [
    'an update that takes servers away',
    server((spec) => (spec.strategy.rollingUpdate.maxUnavailable = 1)),
    ['an update takes servers away before new ones are ready; set maxUnavailable: 0.'],
  ],
  [
    'a server that is killed while it ends',
    server(({ template }) => (template.spec.terminationGracePeriodSeconds = 5)),
    ['a server gets 5 s to end; it needs 15.'],
  ],
  [
    'a monitor of a port that is not there',
    (objects) => (specOf(objects.find(({ kind }) => kind === 'PodMonitor')!).podMetricsEndpoints[0].port = 'prom'),
    ['the PodMonitor openfga scrapes the port "prom", which no pod has.'],
  ],
  [
    'no server',
    (objects) => objects.splice(objects.indexOf(serverOf(objects)), 1),
    [
      '0 workloads run the server; it must be one.',
      'there is a migration and no database that it would change.',
      'the migration runs "docker.io/openfga/openfga:v1.22.1", the server nothing; the schema must be the server’s.',
    ],
  ],
];

describe('a trap is seen:', () => {
  it.each(TRAPS)('%s', (_what, change, said) => {
    expect(faultsAfter(change)).toEqual(said);
  });
});

describe('a trap of a server with a memory is seen:', () => {
  it.each([
    [
      'more than one',
      server((spec) => (spec.replicas = 2)),
      [
        '2 servers, each with a memory of its own; they must share a database.',
        'an update takes servers away before new ones are ready; set maxUnavailable: 0.',
      ],
    ],
    [
      'two during an update',
      server((spec) => (spec.strategy = { type: 'RollingUpdate' })),
      ['an update would run two servers at a time, each with a memory of its own; use the strategy Recreate.'],
    ],
  ] as const)('%s', (_what, change, said) => {
    expect(faultsAfter(change, IN_MEMORY)).toEqual(said);
  });
});
