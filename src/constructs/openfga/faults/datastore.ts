import { tryVersion } from '../../../model/image-version.js';
import { secretOf, setting, show, type Faults, type Rendered } from './rendered.js';

/** What must be there at all, and once. */
export const parts = ({ servers, migrations, migrationsBefore }: Rendered): Faults => {
  const isPostgres = servers.some(({ container }) => setting(container, 'DATASTORE_ENGINE') === 'postgres');
  return [
    servers.length !== 1 && `${servers.length} workloads run the server; it must be one.`,
    migrationsBefore.length > 0 &&
      'the migration is an init container, so every server runs it at its start; migrations take no lock. Make it a Job.',
    isPostgres &&
      migrations.length !== 1 &&
      `${migrations.length} Jobs bring the schema to the server’s version; it must be one.`,
    !isPostgres && migrations.length > 0 && 'there is a migration and no database that it would change.',
  ];
};

/** Servers that answer from one store, which proves itself. */
export const store = ({ servers, migrations }: Rendered): Faults => [
  ...servers.flatMap(({ workload: { replicas, strategy }, container }) => {
    const engine = setting(container, 'DATASTORE_ENGINE') ?? 'memory';
    return [
      !['postgres', 'memory'].includes(engine) &&
        `the datastore is ${show(engine)}; it is postgres or, to try out, memory.`,
      engine === 'memory' &&
        replicas > 1 &&
        `${replicas} servers, each with a memory of its own; they must share a database.`,
      engine === 'memory' &&
        strategy?.type !== 'Recreate' &&
        'an update would run two servers at a time, each with a memory of its own; use the strategy Recreate.',
    ];
  }),
  ...[...servers, ...migrations]
    .filter(({ container }) => setting(container, 'DATASTORE_ENGINE') === 'postgres')
    .map(
      ({ workload, container }) =>
        !/[?&]sslmode=verify-full(&|$)/.test(setting(container, 'DATASTORE_URI') ?? '') &&
        `${workload.object.kind} ${workload.object.metadata.name} does not verify the database; set sslmode=verify-full.`,
    ),
];

/** A migration of the server's own version, by a role that the server has not. */
export const migration = ({ servers, migrations }: Rendered): Faults =>
  migrations.flatMap(({ workload: { object }, container }) => {
    const server = servers[0]?.container;
    const version = tryVersion(container.image ?? '')?.join('-');
    return [
      container.image !== server?.image &&
        `the migration runs ${show(container.image)}, the server ${show(server?.image)}; the schema must be the server’s.`,
      version !== undefined &&
        !object.metadata.name.includes(version) &&
        `the Job ${object.metadata.name} does not hold the version ${version} in its name; a Job cannot be changed, so each version needs one of its own.`,
      server !== undefined &&
        secretOf(container, 'DATASTORE_PASSWORD') === secretOf(server, 'DATASTORE_PASSWORD') &&
        'server and migration have one role of the database; the server must not be able to change the schema.',
    ];
  });
