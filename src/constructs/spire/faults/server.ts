import { formatDuration, tryDuration } from '../../../model/duration.js';
import { longestSvidTtl } from '../../../model/spire-lifetimes.js';
import { tryCluster, tryPlugin, type Rendered } from './rendered.js';
import { may, type Right } from './rights.js';

type Faults = readonly (string | false | undefined)[];

/** Lifetimes that cannot be met, and JWT-SVIDs, which are off. */
export function lifetimes({ server, registrations }: Rendered): Faults {
  const { ca_ttl: caTtl = '24h', default_x509_svid_ttl: defaultTtl, disable_jwt_svids: jwtOff } = server?.server ?? {};
  const longest = tryDuration(caTtl) === undefined ? 0 : longestSvidTtl(caTtl);
  const ttls = [
    { what: 'default_x509_svid_ttl', ttl: defaultTtl },
    ...registrations.map(({ name, ttl, x509SVIDTTL }) => ({ what: name, ttl: ttl ?? x509SVIDTTL })),
  ];
  return [
    jwtOff !== true && 'JWT-SVIDs are on; set disable_jwt_svids.',
    ...registrations.map(
      ({ name, jwtTtl, jwtSVIDTTL }) => (jwtTtl ?? jwtSVIDTTL) !== undefined && `${name} asks for JWT-SVIDs.`,
    ),
    ...ttls.map(
      ({ what, ttl }) =>
        ttl !== undefined &&
        (tryDuration(ttl) ?? Infinity) > longest &&
        `${what}: a lifetime of ${ttl} cannot be met; with ca_ttl ${caTtl} the longest is ${formatDuration(longest)}.`,
    ),
  ];
}

export function datastore({ server, serverPod }: Rendered): Faults {
  const { database_type: type, connection_string: connection = '' } =
    tryPlugin<{ database_type?: string; connection_string?: string }>(server, 'DataStore', 'sql') ?? {};
  const replicas = serverPod?.replicas ?? 1;
  return [
    type === 'sqlite3' &&
      replicas > 1 &&
      `${replicas} servers, each with an SQLite file of its own; they must share a database.`,
    type === 'postgres' &&
      !/ sslmode=verify-full( |$)/.test(connection) &&
      'the database is not verified; set sslmode=verify-full.',
  ];
}

/** What attestation and the publishing of the bundle need. */
export function serverRights({ objects, server, serverPod }: Rendered): Faults {
  const published = tryCluster<{ namespace: string; configmap_name: string }>(
    tryPlugin(server, 'BundlePublisher', 'k8s_configmap'),
  );
  const needs: readonly Right[] = [
    { verb: 'create', group: 'authentication.k8s.io', resource: 'tokenreviews' },
    { verb: 'get', group: '', resource: 'pods' },
    { verb: 'get', group: '', resource: 'nodes' },
    ...(published === undefined ? [] : ['get', 'patch', 'create']).map((verb) => ({
      verb,
      group: '',
      resource: 'configmaps',
      name: published!.configmap_name,
      namespace: published!.namespace,
    })),
  ];
  return needs.map(
    (need) => !may(objects, serverPod, need) && `the server’s account may not ${need.verb} ${need.resource}.`,
  );
}
