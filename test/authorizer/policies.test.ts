import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KINDS, Policies } from '../../src/authorizer/policies.js';
import { ACME, GLOBEX, minutes, NOW } from '../model/examples.js';
import { CONFIG, known, MTLS_RELAXATION, policyObject, relaxationObject, specOf } from './fixture.js';

const acme = specOf(ACME);
const globex = specOf(GLOBEX);
const names = (all: Policies, workspaceId: string) => all.relaxations(workspaceId).map(({ name }) => name);

describe('policies', () => {
  it('are found by workspace, their agents by name and by SPIFFE ID', () => {
    const all = known();
    const row = { workspaceId: 'ws-acme', name: 'sales-bot', spiffeId: acme.agents[2]!.spiffeId };
    expect(all.workspaces).toEqual(['ws-acme', 'ws-globex']);
    expect(all.tryPolicy('ws-acme')).toEqual({ spec: acme });
    expect(all.agentsNamed('sales-bot')).toEqual([row]);
    expect(all.agentsWith(row.spiffeId)).toEqual([row]);
    expect(all.agentsNamed('toString')).toEqual([]);
    expect(all.tryPolicy('constructor')).toBeUndefined();
  });

  it('lose the agents that a newer version leaves out', () => {
    const all = known();
    all.put('policies', policyObject(acme, { agents: acme.agents.slice(0, 1) }));
    expect(all.agentsNamed('sales-bot')).toEqual([]);
    expect(all.agentsNamed(acme.agents[0]!.name)).toHaveLength(1);
  });

  it('that a full list leaves out are gone with their agents', () => {
    const all = known();
    all.replace('policies', [policyObject(globex)]);
    expect(all.tryPolicy('ws-acme')).toBeUndefined();
    expect(all.agentsNamed('sales-bot')).toEqual([]);
    expect(all.agentsNamed('support-bot')).toHaveLength(1);
  });

  it('of any history are what the last list and the changes since say', () => {
    const step = fc.record({
      kind: fc.constantFrom('put' as const, 'remove' as const, 'replace' as const),
      spec: fc.constantFrom(acme, globex),
      agents: fc.subarray(['a', 'b', 'c']),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const all = new Policies({ trustDomain: CONFIG.trustDomain, contactLasts: 1 });
        const expected = new Map<string, readonly string[]>();
        for (const { kind, spec, agents } of steps) {
          const id = spec.workspaceId;
          const rows = agents.map((name) => ({
            ...acme.agents[0]!,
            name,
            serviceAccount: name,
            spiffeId: `spiffe://portarium.io/ns/${spec.namespace}/sa/${name}`,
          }));
          if (kind === 'replace') expected.clear();
          if (kind === 'remove') expected.delete(id);
          else expected.set(id, agents);
          if (kind === 'remove') all.remove('policies', id);
          else if (kind === 'put') all.put('policies', policyObject(spec, { agents: rows }));
          else all.replace('policies', [policyObject(spec, { agents: rows })]);
        }
        for (const name of ['a', 'b', 'c']) {
          const of = [...expected].filter(([, agents]) => agents.includes(name)).map(([id]) => id);
          expect(
            all
              .agentsNamed(name)
              .map(({ workspaceId }) => workspaceId)
              .sort(),
          ).toEqual(of.sort());
        }
        expect([...all.workspaces].sort()).toEqual([...expected.keys()].sort());
      }),
    );
  });
});

describe('an object that cannot be read', () => {
  const broken = policyObject(acme, { reachedLevel: 'top' });
  const why =
    'WorkspacePolicy ws-acme: spec.reachedLevel is "top", not one of routing, authz, identity, allowlist, enforced.';

  it('keeps the last good version, marked, until it can be read or is gone', () => {
    const all = known();
    all.put('policies', broken);
    expect(all.tryPolicy('ws-acme')).toEqual({ spec: acme, unreadable: why });
    expect([...all.unreadable]).toEqual([['policies/ws-acme', why]]);
    all.put('policies', policyObject(acme));
    expect(all.tryPolicy('ws-acme')).toEqual({ spec: acme });
    all.put('policies', broken);
    all.replace('policies', [broken]);
    expect(all.tryPolicy('ws-acme')).toEqual({ spec: acme, unreadable: why });
    all.replace('policies', []);
    expect(all.tryPolicy('ws-acme')).toBeUndefined();
    expect(all.unreadable.size).toBe(0);
  });

  it('is no policy when there never was a good version', () => {
    const all = known({ policies: [broken] });
    expect(all.tryPolicy('ws-acme')).toBeUndefined();
    expect(all.unreadable.size).toBe(1);
    all.remove('policies', 'ws-acme');
    expect(all.unreadable.size).toBe(0);
  });

  it('is no Relaxation, also when it was one', () => {
    const all = known({ relaxations: [MTLS_RELAXATION] });
    const object = relaxationObject(MTLS_RELAXATION);
    all.put('relaxations', { ...object, spec: { ...(object['spec'] as object), controls: ['all'] } });
    expect(all.relaxations('ws-acme')).toEqual([]);
    expect([...all.unreadable.values()]).toEqual([
      'Relaxation inc-4711: spec.controls[0] is "all", not one of authz, mtls, allowlist, egress.',
    ]);
  });
});

describe('relaxations', () => {
  it('are found by their workspace, and gone when deleted, ended or expired', () => {
    const other = { ...MTLS_RELAXATION, name: 'other', workspaceId: 'ws-globex' };
    const all = known({ relaxations: [MTLS_RELAXATION, other] });
    expect(names(all, 'ws-acme')).toEqual(['inc-4711']);
    expect(names(all, 'ws-globex')).toEqual(['other']);
    all.put('relaxations', relaxationObject({ ...MTLS_RELAXATION, state: 'ended' }));
    expect(names(all, 'ws-acme')).toEqual([]);
    all.put('relaxations', relaxationObject({ ...MTLS_RELAXATION, expiresAt: minutes(-1) }));
    expect(names(all, 'ws-acme')).toEqual([]);
    all.remove('relaxations', 'other');
    expect(names(all, 'ws-globex')).toEqual([]);
  });

  it('that expired since they came are dropped with the next change', () => {
    let now = NOW.getTime();
    const all = new Policies({ trustDomain: CONFIG.trustDomain, contactLasts: 1, now: () => now });
    all.put('relaxations', relaxationObject(MTLS_RELAXATION));
    now = minutes(51).getTime();
    all.put('relaxations', relaxationObject({ ...MTLS_RELAXATION, name: 'newer', expiresAt: minutes(60) }));
    expect(names(all, 'ws-acme')).toEqual(['newer']);
  });
});

describe('contact', () => {
  it('is as old as the watch that has been silent longest, and infinitely old before all lists', () => {
    let now = 0;
    const all = new Policies({ trustDomain: CONFIG.trustDomain, contactLasts: 100, clock: () => now });
    for (const kind of KINDS.slice(1)) all.replace(kind, []);
    expect([all.complete, all.inContact, all.silence]).toEqual([false, false, Infinity]);
    now = 50;
    all.replace('policies', []);
    expect([all.complete, all.inContact, all.silence]).toEqual([true, true, 50]);
    now = 100;
    expect([all.complete, all.inContact, all.silence]).toEqual([true, false, 100]);
    for (const kind of KINDS.slice(1)) {
      expect(all.inContact).toBe(false);
      all.heard(kind);
    }
    expect([all.inContact, all.silence]).toEqual([true, 50]);
  });
});
