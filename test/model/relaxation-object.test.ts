import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../src/model/kube-object.js';
import { relaxationOf } from '../../src/model/relaxation-object.js';
import { RELAXATION } from './examples.js';

const { name, createdAt, expiresAt, ...rest } = RELAXATION;
const object = (changes: object = {}, created: unknown = '2026-10-01T11:50:00Z'): KubeObject => ({
  apiVersion: 'enforcement.portarium.io/v1alpha1',
  kind: 'Relaxation',
  metadata: { name, creationTimestamp: created },
  spec: { ...rest, expiresAt: expiresAt.toISOString(), ...changes },
});

describe('a live Relaxation', () => {
  it('is read with its times, and with who ended it where somebody did', () => {
    expect(relaxationOf(object())).toEqual({ ...RELAXATION, createdAt });
    const ended = { state: 'ended', endedBy: 'carol', endedAt: '2026-10-01T12:05:00.000Z' };
    expect(relaxationOf(object(ended))).toEqual({
      ...RELAXATION,
      ...ended,
      endedAt: new Date('2026-10-01T12:05:00Z'),
    });
    expect(relaxationOf(object({ approvedBy: undefined, state: 'requested' }))).not.toHaveProperty('approvedBy');
  });

  it.each<[string, KubeObject, string]>([
    ['an unknown state', object({ state: 'open' }), 'spec.state is "open", not one of requested, approved, ended.'],
    ['controls that are text', object({ controls: 'mtls' }), 'spec.controls is "mtls", not a list.'],
    ['no expiry', object({ expiresAt: undefined }), 'spec.expiresAt is missing: a time in UTC.'],
    ['an expiry in words', object({ expiresAt: 'never' }), 'spec.expiresAt is "never", not a time in UTC.'],
    ['a day that does not exist', object({ expiresAt: '2026-13-01T00:00:00Z' }), 'spec.expiresAt is "2026-13-01T00'],
    ['no creation', object({}, null), 'metadata.creationTimestamp is null, not a time in UTC.'],
  ])('with %s cannot be read', (_what, of, message) => {
    expect(() => relaxationOf(of)).toThrow(`Relaxation inc-4711: ${message}`);
  });
});
