import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../src/model/kube-object.js';
import { LEVELS } from '../../src/model/levels.js';
import { policyOf } from '../../src/model/policy-object.js';
import { workspacePolicy } from '../../src/model/policy.js';
import { ACME, PLATFORM } from './examples.js';

const spec = workspacePolicy(PLATFORM, ACME);
const object = (changes: object = {}, name = 'ws-acme'): KubeObject => ({
  apiVersion: 'enforcement.portarium.io/v1alpha1',
  kind: 'WorkspacePolicy',
  metadata: { name },
  spec: { ...spec, ...changes },
});
const read = (of: KubeObject) => policyOf(of, 'portarium.io');
const agent = (changes: object) => ({ agents: [{ ...spec.agents[0], ...changes }] });

describe('a live WorkspacePolicy', () => {
  it('says what was rendered, at every level, with and without a relaxation', () => {
    for (const level of LEVELS) {
      const relaxing = { controls: ['egress'], relaxation: 'inc-4711', as: 'rollback 1' } as const;
      for (const workspace of [
        { ...ACME, level },
        { ...ACME, level, relaxing },
      ]) {
        const rendered = workspacePolicy(PLATFORM, workspace);
        expect(read(object({ ...rendered }))).toEqual(rendered);
      }
    }
  });

  it('may have fields that a later version brings', () => {
    expect(read(object({ ...agent({ since: 'v2' }), later: 1 }))).toEqual({ ...spec, agents: [spec.agents[0]] });
  });

  it.each<[string, KubeObject, string]>([
    ['no spec', { ...object(), spec: undefined }, 'spec is missing: an object.'],
    ['another name', object({}, 'ws-globex'), 'spec.workspaceId is "ws-acme", but the object’s name is "ws-globex".'],
    ['an unknown level', object({ reachedLevel: 'max' }), 'spec.reachedLevel is "max", not one of routing, authz'],
    [
      'a mode that is not the level’s',
      object({ modes: { ...spec.modes, mtls: 'shadow' } }),
      'spec.modes.mtls is "shadow", but reachedLevel "enforced" means "enforce".',
    ],
    ['a missing mode', object({ modes: {} }), 'spec.modes.authz is missing: one of shadow, enforce.'],
    ['no agents', object({ agents: undefined }), 'spec.agents is missing: a list.'],
    [
      'an agent with the SPIFFE ID of another account',
      object(agent({ serviceAccount: 'else' })),
      'spec.agents[0].spiffeId is "spiffe://portarium.io/ns/portarium-agents/sa/invoice-clerk", not "spiffe://portarium.io/ns/portarium-agents/sa/else".',
    ],
    [
      'an agent with the SPIFFE ID of another namespace',
      object(agent({ spiffeId: 'spiffe://portarium.io/ns/portarium-control-plane/sa/invoice-clerk' })),
      'spec.agents[0].spiffeId is "spiffe://portarium.io/ns/portarium-control-plane/sa/invoice-clerk", not "',
    ],
    ['an agent without a name', object(agent({ name: '' })), 'spec.agents[0].name is "", not a DNS-1123 label.'],
    ['an unknown tier', object({ allowedTools: [{ tool: 'a:b', tier: 'Any' }] }), 'spec.allowedTools[0].tier is "Any"'],
    ['a default that allows', object({ defaultAction: 'Allow' }), 'spec.defaultAction is "Allow", not one of Deny.'],
    ['a hash of another form', object({ policyHash: 'x' }), 'spec.policyHash is "x", not a SHA-256 in lower-case hex.'],
    [
      'a port out of range',
      object({ systemsOfRecord: [{ host: 'a.b', ports: [0] }] }),
      'spec.systemsOfRecord[0].ports[0] is 0, not a number from 1 to 65535.',
    ],
    [
      'a relaxation of an unknown control',
      object({ relaxation: { name: 'x', controls: ['all'] } }),
      'spec.relaxation.controls[0] is "all", not one of',
    ],
  ])('with %s cannot be read', (_what, of, message) => {
    expect(() => read(of)).toThrow(`WorkspacePolicy ${of.metadata.name}: ${message}`);
  });
});
