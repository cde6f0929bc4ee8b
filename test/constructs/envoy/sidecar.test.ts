import { describe, expect, it } from 'vitest';
import { k8s } from 'cdk8s-plus-28';
import { frontConfig } from '../../../src/constructs/envoy/front-config.js';
import { outboundConfig } from '../../../src/constructs/envoy/outbound-config.js';
import {
  authorizerContainer,
  authorizerVolumes,
  envoyContainer,
  envoyVolumes,
} from '../../../src/constructs/envoy/sidecar.js';
import type { Json } from '../../../src/constructs/envoy/typed.js';
import { PLATFORM } from '../../model/examples.js';

const SALES_BOT = 'spiffe://portarium.io/ns/portarium-agents/sa/sales-bot';
const outbound = { image: 'envoy:1', configMap: 'files' };
const inbound = { ...outbound, tlsSecret: 'certificate' };

/** Every path that a configuration names: files, folders and sockets. */
function* pathsIn(value: Json): Generator<string> {
  if (value === null || typeof value !== 'object') return;
  for (const [key, member] of Object.entries(value)) {
    if (typeof member !== 'string') yield* pathsIn(member);
    // Routes have paths too.
    else if (['filename', 'path'].includes(key) && /^\/(etc|run)\//.test(member)) yield member;
  }
}

describe('the sidecar', () => {
  it.each([
    ['front', frontConfig(PLATFORM), inbound],
    ['workload', outboundConfig(PLATFORM, SALES_BOT), outbound],
  ])('of a %s mounts what its configuration names, and nothing else', (_, files, props) => {
    const mounts = (envoyContainer(props).volumeMounts ?? []).map(({ mountPath }) => mountPath);
    const paths = [...pathsIn(files)].filter((path) => path !== '/etc/ssl/certs/ca-certificates.crt');
    const mountOf = (path: string): string | undefined =>
      mounts.find((mount) => path.startsWith(`${mount}/`) || path === mount);
    expect(paths.filter((path) => mountOf(path) === undefined)).toEqual([]);
    // The bootstrap, which the command line names.
    expect(new Set([...paths.map(mountOf), '/etc/envoy'])).toEqual(new Set(mounts));
  });

  it('at the front has the certificate and the authorizer’s socket besides', () => {
    const mounts = (envoyContainer(inbound).volumeMounts ?? []).slice(envoyContainer(outbound).volumeMounts?.length);
    expect(mounts).toEqual([
      { name: 'envoy-tls', mountPath: '/etc/envoy-tls', readOnly: true },
      { name: 'authorizer-run', mountPath: '/run/authorizer' },
    ]);
    expect(envoyVolumes(inbound).slice(envoyVolumes(outbound).length)).toEqual([
      { name: 'envoy-tls', secret: { secretName: 'certificate' } },
    ]);
  });

  it('is otherwise the same', () => {
    const { volumeMounts } = envoyContainer(outbound);
    expect({ ...envoyContainer(inbound), volumeMounts }).toEqual(envoyContainer(outbound));
  });
});

describe('the authorizer', () => {
  it('is this container', () => {
    expect(k8s.toJson_Container(authorizerContainer('authorizer:1'))).toEqual({
      name: 'authorizer',
      image: 'authorizer:1',
      command: ['node', '--max-semi-space-size=4', '--max-old-space-size=128', '/app/authorizer.js'],
      args: [
        '--socket',
        '/run/authorizer/ext-authz.sock',
        '--http',
        '/run/authorizer/http.sock',
        '--config',
        '/etc/authorizer/config.json',
      ],
      restartPolicy: 'Always',
      startupProbe: { httpGet: { path: '/live', port: 15020 }, periodSeconds: 1, failureThreshold: 60 },
      livenessProbe: { httpGet: { path: '/live', port: 15020 }, periodSeconds: 10, failureThreshold: 6 },
      readinessProbe: { httpGet: { path: '/ready', port: 15020 }, periodSeconds: 2, failureThreshold: 2 },
      resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '256Mi' } },
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      },
      volumeMounts: [
        { name: 'authorizer-config', mountPath: '/etc/authorizer', readOnly: true },
        { name: 'authorizer-openfga', mountPath: '/etc/authorizer-openfga', readOnly: true },
        { name: 'authorizer-records', mountPath: '/etc/authorizer-records', readOnly: true },
        { name: 'authorizer-run', mountPath: '/run/authorizer' },
        { name: 'authorizer-token', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true },
      ],
    });
  });

  it('has a token of its own for the Kubernetes API, the way client libraries look for it', () => {
    const names = { configMap: 'settings', keysSecret: 'keys', recordTokensSecret: 'tokens' };
    expect(authorizerVolumes(names).map((volume) => k8s.toJson_Volume(volume) as unknown)).toEqual([
      { name: 'authorizer-config', configMap: { name: 'settings' } },
      { name: 'authorizer-openfga', secret: { secretName: 'keys', items: [{ key: 'authorizer', path: 'token' }] } },
      { name: 'authorizer-records', secret: { secretName: 'tokens', optional: true } },
      { name: 'authorizer-run', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
      {
        name: 'authorizer-token',
        projected: {
          sources: [
            { serviceAccountToken: { path: 'token', expirationSeconds: 3600 } },
            { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
            { downwardAPI: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
          ],
        },
      },
    ]);
  });
});
