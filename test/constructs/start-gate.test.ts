import { describe, expect, it } from 'vitest';
import { deniedTargets, reachedTargets, startGateContainer } from '../../src/constructs/start-gate.js';
import type { Platform } from '../../src/model/platform.js';
import { PLATFORM } from '../model/examples.js';

const withCluster = (cluster: Partial<Platform['cluster']>): Platform => ({
  ...PLATFORM,
  cluster: { ...PLATFORM.cluster, ...cluster },
});

describe('the gate that agents start behind', () => {
  it('is a container of the authorizer’s image, without mount, variable or hook', () => {
    expect(startGateContainer(PLATFORM)).toEqual({
      name: 'start-gate',
      image: PLATFORM.sidecar.authorizerImage,
      command: ['node', '/app/start-gate.js'],
      args: [
        ...['--denied', '10.96.0.1:443', '--denied', '10.96.0.10:53'],
        ...['--reached', '10.96.80.1:443', '--reached', '10.96.80.2:443', '--reached', '10.96.80.4:4317'],
        ...['--seconds', '60'],
      ],
      terminationMessagePolicy: 'FallbackToLogsOnError',
      resources: {
        requests: { cpu: { value: '50m' }, memory: { value: '64Mi' } },
        limits: { memory: { value: '128Mi' } },
      },
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      },
    });
  });

  it('asks only the Kubernetes API where agents ask cluster DNS, or a cache on their node in its place', () => {
    const { agentDns, cluster } = PLATFORM;
    expect(deniedTargets({ ...PLATFORM, agentDns: { ...agentDns, mode: 'cilium' } })).toEqual(['10.96.0.1:443']);
    const cached = withCluster({ dns: { ...cluster.dns, nodeLocalAddress: '169.254.20.10' } });
    expect(deniedTargets(cached)).toEqual(['10.96.0.1:443']);
  });

  it('writes IPv6 addresses in brackets', () => {
    expect(deniedTargets(withCluster({ serviceCidrs: ['fd00:10:96::/112', '10.96.0.0/16'] }))[0]).toBe(
      '[fd00:10:96::1]:443',
    );
    expect(reachedTargets({ ...PLATFORM, collector: { clusterIP: 'fd00::4' } }).at(-1)).toBe('[fd00::4]:4317');
  });
});
