/* eslint-disable @typescript-eslint/no-unsafe-return -- objects of every kind are looked into */
import { describe, expect, it } from 'vitest';
import { PLATFORM } from '../../model/examples.js';
import { configOf, find, POSTGRES, renderSpire, specOf } from './fixture.js';

const server = (...args: Parameters<typeof renderSpire>) =>
  specOf(find(renderSpire(...args), 'StatefulSet', 'spire-server'));
const upstream = { type: 'disk', secret: 'upstream', selfSigned: true } as const;
const HA = { replicas: 3, datastore: POSTGRES, keyManager: { type: 'memory' }, upstreamAuthority: upstream } as const;

describe('the SPIRE server', () => {
  it('does not restart because its database is away: SPIRE’s own /live asks it', () => {
    const [container] = server().template.spec.containers;
    expect(container.livenessProbe).toEqual({ tcpSocket: { port: 'grpc' }, periodSeconds: 15, failureThreshold: 4 });
    expect(container.startupProbe.tcpSocket).toEqual({ port: 'grpc' });
    expect(container.readinessProbe.httpGet).toEqual({ path: '/ready', port: 'health' });
  });

  it('keeps its data on a volume where it must have it after a restart', () => {
    expect(server().volumeClaimTemplates[0].spec.resources).toEqual({ requests: { storage: '1Gi' } });
    expect(server({ ...HA, keyManager: { type: 'disk' } }).volumeClaimTemplates).toHaveLength(1);
    const kms = { ...HA, keyManager: { type: 'aws_kms', region: 'eu-central-1' } } as const;
    expect(server(kms).volumeClaimTemplates).toHaveLength(1);
    const { volumeClaimTemplates, template } = server(HA);
    expect(volumeClaimTemplates).toBeUndefined();
    expect(template.spec.volumes).toContainEqual({ name: 'data', emptyDir: {} });
  });

  it('has replicas that never share a node and lose one at a time', () => {
    const { replicas, template } = server(HA);
    expect(replicas).toBe(3);
    const [term] = template.spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution;
    expect(term).toEqual({
      topologyKey: 'kubernetes.io/hostname',
      labelSelector: { matchLabels: { 'portarium.io/component': 'spire-server' } },
    });
    expect(specOf(find(renderSpire(HA), 'PodDisruptionBudget', 'spire-server')).maxUnavailable).toBe(1);
    expect(server().template.spec.affinity).toBeUndefined();
  });

  it('verifies its database, and has the password in no file', () => {
    const objects = renderSpire(HA);
    const { connection_string: text } = configOf(objects, 'spire-server').plugins.DataStore[0].sql.plugin_data;
    expect(text).toBe(
      'host=db.databases.svc.cluster.local port=5432 dbname=spire user=spire sslmode=verify-full sslrootcert=/run/spire/database-ca/ca.crt',
    );
    const [container] = server(HA).template.spec.containers;
    expect(container.env).toEqual([
      { name: 'PGPASSWORD', valueFrom: { secretKeyRef: { name: 'db-password', key: 'password' } } },
    ]);
    expect(container.args).not.toContain('-expandEnv');
  });

  it('starts anew when its configuration changes, and only then', () => {
    const annotations = (...args: Parameters<typeof renderSpire>) => server(...args).template.metadata.annotations;
    expect(annotations()).toEqual(annotations({ storage: { size: '2Gi' } }));
    expect(annotations()).not.toEqual(annotations({ caTtl: '48h' }));
    expect(annotations()).not.toEqual(
      annotations({}, { cluster: { ...PLATFORM.cluster, domain: 'example.internal' } }),
    );
  });

  it('is found server by server, on its own port and not on 443', () => {
    expect(specOf(find(renderSpire(), 'Service', 'spire-server'))).toMatchObject({
      clusterIP: 'None',
      ports: [{ name: 'grpc', port: 8081, targetPort: 8081 }],
    });
  });

  it('stands in a namespace of its own if the config says so, which is restricted and denies by default', () => {
    const objects = renderSpire({ namespace: 'portarium-spire-server' });
    const own = objects.filter(({ metadata }) => metadata.namespace === 'portarium-spire-server');
    expect(own.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort()).toEqual([
      'ConfigMap spire-controller-manager',
      'ConfigMap spire-server',
      'NetworkPolicy deny-default',
      'NetworkPolicy spire-server-allow',
      'PodDisruptionBudget spire-server',
      'Role spire-controller-manager',
      'RoleBinding break-glass',
      'RoleBinding spire-controller-manager',
      'Service spire-controller-manager',
      'Service spire-server',
      'ServiceAccount spire-server',
      'StatefulSet spire-server',
    ]);
    const namespace = find(objects, 'Namespace', 'portarium-spire-server');
    expect(namespace.metadata.labels?.['pod-security.kubernetes.io/enforce']).toBe('restricted');
    expect(configOf(objects, 'spire-agent').agent.server_address).toBe(
      'spire-server.portarium-spire-server.svc.cluster.local',
    );
  });

  it('asks cert-manager for certificates in its own namespace, and has the right only then', () => {
    const named = { type: 'cert-manager', issuerName: 'root', issuerKind: 'ClusterIssuer' } as const;
    const role = find(renderSpire({ upstreamAuthority: named }), 'Role', 'spire-certificate-requests');
    expect(role['rules']).toEqual([
      {
        apiGroups: ['cert-manager.io'],
        resources: ['certificaterequests'],
        verbs: ['create', 'get', 'list', 'delete'],
      },
    ]);
    expect(() => find(renderSpire(), 'Role', 'spire-certificate-requests')).toThrow('no Role');
  });

  it('has its role for AWS on its account, and signs CAs there', () => {
    const arn = 'arn:aws:acm-pca:eu-central-1:123456789012:certificate-authority/1';
    const objects = renderSpire({
      awsRoleArn: 'arn:aws:iam::123456789012:role/spire',
      upstreamAuthority: { type: 'aws_pca', region: 'eu-central-1', certificateAuthorityArn: arn },
    });
    expect(find(objects, 'ServiceAccount', 'spire-server').metadata.annotations).toEqual({
      'eks.amazonaws.com/role-arn': 'arn:aws:iam::123456789012:role/spire',
    });
    expect(configOf(objects, 'spire-server').plugins.UpstreamAuthority[0].aws_pca.plugin_data).toMatchObject({
      ca_signing_template_arn: 'arn:aws:acm-pca:::template/SubordinateCACertificate_PathLen0/V1',
    });
  });
});
