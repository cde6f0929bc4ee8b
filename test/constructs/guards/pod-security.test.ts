import { describe, expect, it } from 'vitest';
import { podSecurityLabels } from '../../../src/constructs/guards/pod-security.js';

const shown = (profile: string) => ({
  'pod-security.kubernetes.io/audit': profile,
  'pod-security.kubernetes.io/audit-version': 'latest',
  'pod-security.kubernetes.io/warn': profile,
  'pod-security.kubernetes.io/warn-version': 'latest',
});

describe('podSecurityLabels', () => {
  it('enforces a pinned version and shows what the latest would refuse', () => {
    expect(podSecurityLabels('restricted', 'deny')).toEqual({
      'pod-security.kubernetes.io/enforce': 'restricted',
      'pod-security.kubernetes.io/enforce-version': 'v1.36',
      ...shown('restricted'),
    });
  });

  it('enforces nothing while guards only audit', () => {
    expect(podSecurityLabels('restricted', 'audit')).toEqual(shown('restricted'));
  });

  it('leaves SPIRE the host', () => {
    expect(podSecurityLabels('privileged', 'deny')).toMatchObject({
      'pod-security.kubernetes.io/enforce': 'privileged',
    });
  });
});
