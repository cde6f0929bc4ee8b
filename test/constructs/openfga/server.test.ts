/* eslint-disable @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return -- objects of every kind are looked into */
import { describe, expect, it } from 'vitest';
import { find, specOf, type Json } from '../spire/fixture.js';
import { MEMORY, renderOpenFga, serverOf } from './fixture.js';

const pod = (...args: Parameters<typeof renderOpenFga>): Json => specOf(serverOf(renderOpenFga(...args))).template.spec;
const container = (...args: Parameters<typeof renderOpenFga>): Json => pod(...args).containers[0];
const env = (...args: Parameters<typeof renderOpenFga>): Record<string, Json> =>
  Object.fromEntries(container(...args).env.map(({ name, value, valueFrom }: Json) => [name, value ?? valueFrom]));

describe('OpenFGA’s servers', () => {
  it('do not restart because their database is away: only /ready asks it', () => {
    const { livenessProbe, readinessProbe, startupProbe } = container();
    expect(livenessProbe.httpGet).toEqual({ path: '/metrics', port: 'metrics' });
    expect(startupProbe.httpGet).toEqual({ path: '/metrics', port: 'metrics' });
    expect(readinessProbe.httpGet).toEqual({ path: '/healthz', port: 'https', scheme: 'HTTPS' });
    // It tries to reach the database for a minute before it opens a port.
    expect(startupProbe.periodSeconds * startupProbe.failureThreshold).toBeGreaterThan(60);
  });

  it('are never fewer than they should be, and end when nobody calls any more', () => {
    const { replicas, strategy } = specOf(serverOf(renderOpenFga()));
    expect({ replicas, strategy }).toEqual({
      replicas: 3,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
    });
    expect(container().lifecycle).toEqual({ preStop: { sleep: { seconds: 5 } } });
    const shutdown = Number.parseInt(env()['OPENFGA_SHUTDOWN_TIMEOUT'], 10);
    expect(pod().terminationGracePeriodSeconds).toBeGreaterThanOrEqual(5 + shutdown);
    expect(specOf(find(renderOpenFga(), 'PodDisruptionBudget', 'openfga')).maxUnavailable).toBe(1);
  });

  it('are over nodes by version, so that three nodes are enough for an update of three', () => {
    expect(pod().topologySpreadConstraints).toMatchObject([
      {
        topologyKey: 'kubernetes.io/hostname',
        whenUnsatisfiable: 'DoNotSchedule',
        matchLabelKeys: ['pod-template-hash'],
      },
      { topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway' },
    ]);
    expect(pod({ replicas: 1 }).topologySpreadConstraints).toBeUndefined();
  });

  it('have who they are to the database, and who may ask them, from Secrets alone', () => {
    const objects = JSON.stringify(renderOpenFga().filter(({ kind }) => kind !== 'CustomResourceDefinition'));
    expect(env({ keysSecret: 'keys-of-openfga' })['OPENFGA_AUTHN_PRESHARED_KEYS']).toEqual({
      secretKeyRef: { name: 'keys-of-openfga', key: 'keys' },
    });
    expect(env()['OPENFGA_DATASTORE_USERNAME']).toEqual({
      secretKeyRef: { name: 'openfga-datastore', key: 'username' },
    });
    expect(env()['OPENFGA_DATASTORE_PASSWORD']).toEqual({
      secretKeyRef: { name: 'openfga-datastore', key: 'password' },
    });
    expect(env()['OPENFGA_DATASTORE_URI']).toBe(
      'postgres://openfga-postgres.databases.svc.cluster.local:5432/openfga?sslmode=verify-full&sslrootcert=/run/openfga/database-ca/ca.crt',
    );
    expect(objects).not.toMatch(/"kind":"Secret"/);
  });

  it('serve their certificate on both sides, from the Secret that the config names', () => {
    const { volumes } = pod({ certificateSecret: 'cert-of-openfga' });
    expect(volumes.find(({ name }: Json) => name === 'tls').secret.secretName).toBe('cert-of-openfga');
    for (const side of ['HTTP', 'GRPC']) {
      expect(env()[`OPENFGA_${side}_TLS_ENABLED`]).toBe('true');
      expect(env()[`OPENFGA_${side}_TLS_CERT`]).toBe('/run/openfga/tls/tls.crt');
      expect(env()[`OPENFGA_${side}_TLS_KEY`]).toBe('/run/openfga/tls/tls.key');
    }
  });

  it('are asked by HTTPS alone: gRPC is on loopback, and neither container nor Service has its port', () => {
    expect(env()['OPENFGA_GRPC_ADDR']).toBe('127.0.0.1:8081');
    expect(container().ports.map(({ containerPort }: Json) => containerPort)).toEqual([8080, 2112]);
    expect(specOf(find(renderOpenFga(), 'Service', 'openfga'))).toMatchObject({
      type: 'ClusterIP',
      ports: [{ name: 'https', port: 8080, targetPort: 8080 }],
    });
  });

  it('have no playground, no profiler, no origin and no token', () => {
    expect(env()).toMatchObject({
      OPENFGA_PLAYGROUND_ENABLED: 'false',
      OPENFGA_PROFILER_ENABLED: 'false',
      OPENFGA_TRACE_ENABLED: 'false',
      OPENFGA_HTTP_CORS_ALLOWED_ORIGINS: 'https://nobody.invalid',
      OPENFGA_LOG_FORMAT: 'json',
      OPENFGA_REQUEST_TIMEOUT: '3s',
    });
    expect(pod().automountServiceAccountToken).toBe(false);
    expect(pod().serviceAccountName).toBe('openfga');
    expect(find(renderOpenFga(), 'ServiceAccount', 'openfga')['automountServiceAccountToken']).toBe(false);
  });

  it('hold answers for at most five seconds, all caches together', () => {
    const caches = ['CHECK_QUERY_CACHE', 'CHECK_ITERATOR_CACHE', 'CACHE_CONTROLLER'];
    for (const cache of caches) expect(env()[`OPENFGA_${cache}_ENABLED`]).toBe('true');
    const seconds = caches.map((cache) => Number(/^(\d+)s$/.exec(env()[`OPENFGA_${cache}_TTL`])![1]));
    expect(seconds.reduce((sum, each) => sum + each)).toBeLessThanOrEqual(5);
  });

  it('open few enough connections that all of them and one more fit into Postgres’ hundred', () => {
    expect((3 + 1) * Number(env()['OPENFGA_DATASTORE_MAX_OPEN_CONNS'])).toBeLessThan(100);
  });
});

describe('a server with a memory', () => {
  it('is one, never two at a time, with nothing of a database', () => {
    const { replicas, strategy } = specOf(serverOf(renderOpenFga(MEMORY)));
    expect({ replicas, strategy }).toEqual({ replicas: 1, strategy: { type: 'Recreate' } });
    const names = Object.keys(env(MEMORY)).filter((name) => name.startsWith('OPENFGA_DATASTORE'));
    expect(names).toEqual(['OPENFGA_DATASTORE_ENGINE']);
    expect(pod(MEMORY).volumes.map(({ name }: Json) => name)).toEqual(['tls', 'tmp']);
  });

  it('of many is not rendered', () => {
    expect(() => renderOpenFga({ ...MEMORY, replicas: 2 })).toThrow(
      'OpenFGA would not work as rendered:\n2 servers, each with a memory of its own; they must share a database.',
    );
  });
});

it('PodMonitors are rendered only where the cluster has the kind, for the port that Prometheus may reach', () => {
  const monitors = (podMonitors: boolean) =>
    renderOpenFga({}, { monitoring: { podMonitors } }).filter(
      ({ kind, metadata }) => kind === 'PodMonitor' && metadata.name === 'openfga',
    );
  expect(monitors(false)).toEqual([]);
  const [monitor] = monitors(true);
  expect(specOf(monitor!).selector.matchLabels).toEqual({ 'portarium.io/component': 'openfga' });
  const [{ port }] = specOf(monitor!).podMetricsEndpoints;
  expect(container().ports.find(({ name }: Json) => name === port).containerPort).toBe(2112);
});
