import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/authorizer/config.js';
import { frontConfig } from '../../src/constructs/envoy/front-config.js';
import { Front } from '../../src/constructs/front.js';
import { sidecarsFor } from '../../src/constructs/sidecars.js';
import { sha256 } from '../../src/model/canonical.js';
import type { Platform } from '../../src/model/platform.js';
import { PLATFORM } from '../model/examples.js';
import { patched } from './patched.js';

const rendered = (platform: Platform = PLATFORM) => patched((scope) => new Front(scope, 'front', platform));
const CONTROL_PLANE = 'portarium-control-plane';
const annotationsOf = (platform: Platform) => rendered(platform).patch.spec.template.metadata.annotations;

describe('the front', () => {
  const { objects, patch, files } = rendered();

  it('is the api-server’s Deployment with both sidecars, by a patch that is nobody’s Deployment', () => {
    expect(patch.metadata).toEqual({
      name: 'api-server',
      namespace: CONTROL_PLANE,
      labels: { 'portarium.io/patched-by': 'platform' },
    });
    expect(patch.spec.template.spec).toEqual(
      sidecarsFor(PLATFORM, CONTROL_PLANE, { 'portarium.io/component': 'api-server' }),
    );
    expect(objects).toHaveLength(3);
  });

  it('has the files of Envoy under their names', () => {
    const { metadata, data } = files.get('api-server-envoy')!;
    expect(metadata.namespace).toBe(CONTROL_PLANE);
    expect(
      Object.fromEntries(
        Object.entries(data).map(([name, text]) => [`/etc/envoy/${name}`, JSON.parse(text) as unknown]),
      ),
    ).toEqual(frontConfig(PLATFORM));
  });

  it('has settings that the authorizer reads', () => {
    const { metadata, data } = files.get('api-server-authorizer')!;
    expect(metadata.namespace).toBe(CONTROL_PLANE);
    expect(Object.keys(data)).toEqual(['config.json', 'openfga-ca.crt']);
    expect(data['openfga-ca.crt']).toBe(PLATFORM.openfga.certificateAuthority);
    expect(parseConfig(data['config.json']!)).toEqual({
      trustDomain: 'portarium.io',
      policyNamespace: 'portarium-policy',
      workloads: [
        { name: 'worker', spiffeId: 'spiffe://portarium.io/ns/portarium-execution/sa/worker', subject: 'worker' },
      ],
      tokens: {
        issuer: 'https://id.example.com/realms/portarium',
        audience: 'portarium',
        peopleAudience: 'portarium-people',
        type: 'at+jwt',
        workspaceClaim: 'workspaceId',
      },
      listenerPort: 8443,
      graceSeconds: 30,
      contactSeconds: 30,
      grpcMethods: [],
      openfga: {
        url: 'https://openfga.portarium-control-plane.svc.cluster.local:8080',
        tokenFile: '/etc/authorizer-openfga/token',
        authoritiesFile: '/etc/authorizer/openfga-ca.crt',
        timeoutMs: 300,
      },
      apiServer: { url: 'http://127.0.0.1:8080', tokensDir: '/etc/authorizer-records', timeoutMs: 250 },
    });
  });

  it('restarts when either sidecar’s files change, and for nothing else', () => {
    expect(annotationsOf(PLATFORM)).toEqual({
      'portarium.io/envoy': sha256(frontConfig(PLATFORM)),
      'portarium.io/authorizer': sha256(files.get('api-server-authorizer')!.data),
    });
    const faster = annotationsOf({ ...PLATFORM, front: { ...PLATFORM.front, requestsPerSecond: 7 } });
    expect(faster['portarium.io/envoy']).not.toBe(annotationsOf(PLATFORM)['portarium.io/envoy']);
    expect(faster['portarium.io/authorizer']).toBe(annotationsOf(PLATFORM)['portarium.io/authorizer']);
    const claim = annotationsOf({ ...PLATFORM, tokens: { ...PLATFORM.tokens, workspaceClaim: 'ws' } });
    expect(claim['portarium.io/authorizer']).not.toBe(annotationsOf(PLATFORM)['portarium.io/authorizer']);
    expect(annotationsOf({ ...PLATFORM, guards: 'audit' })).toEqual(annotationsOf(PLATFORM));
  });
});
