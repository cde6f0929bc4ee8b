import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../src/model/kube-object.js';
import { IDENTITY_GUARDS, proveIdentity } from '../../../src/prove/claims/identity.js';
import type { IdentityInput } from '../../../src/prove/claims/identity.js';
import { changed, GUARDS, named, ORDER, PLACES, PLATFORM, RENDERED, STACKS, without } from './stack.js';

const UNCOMPARED: IdentityInput = {
  ...PLACES,
  trustDomain: PLATFORM.trustDomain,
  objects: STACKS,
  complete: true,
  guards: GUARDS,
  level: 'enforced',
};
const INPUT: IdentityInput = { ...UNCOMPARED, rendered: RENDERED };
const prove = (changes: Partial<IdentityInput> = {}) => proveIdentity({ ...INPUT, ...changes });
const found = (changes: Partial<IdentityInput>) =>
  prove(changes).counterExamples.map(({ cause, because }) => [
    cause,
    ...because.map(({ object, field }) => `${object} ${field}`),
  ]);

const ACME = named('WorkspacePolicy', 'ws-acme');
const GLOBEX = named('WorkspacePolicy', 'ws-globex');
const REGISTRATION = named('ClusterSPIFFEID', 'portarium-agents-ws-acme');
const BRIDGE = named('ClusterStaticEntry', 'portarium-bridge-bridge-north');
const agent = (i: number, key: string) => ['spec', 'agents', i, key];

describe('claim I', () => {
  it('is proved for the committed stacks', () => {
    expect(prove()).toMatchObject({ verdict: 'proved', counterExamples: [], reasons: [] });
    expect(prove({ complete: false }).verdict).toBe('proved');
    expect(prove().argument[0]).toBe(
      '4 agents of 2 workspaces, each with a service account and a SPIFFE ID of its own',
    );
  });

  it('is claimed from the level identity', () => {
    expect(prove({ level: 'authz', guards: new Set() }).verdict).toBe('not claimed');
    expect(prove({ level: 'identity' }).verdict).toBe('proved');
  });

  it.each(Object.keys(IDENTITY_GUARDS))('is refuted without %s', (name) => {
    expect(GUARDS.has(name)).toBe(true);
    expect(found({ guards: without(name) })).toEqual([
      ['guard-not-in-force', `ValidatingAdmissionPolicy ${name} not in force`],
    ]);
  });

  it('never gets better by a guard less', () => {
    const rank = (guards: readonly string[], objects: readonly KubeObject[]): number =>
      ORDER.indexOf(prove({ guards: new Set(guards), objects, complete: false }).verdict);
    const policies = STACKS.filter(({ kind }) => kind !== 'WorkspacePolicy');
    fc.assert(
      fc.property(
        fc.subarray([...GUARDS], { minLength: GUARDS.size - 3 }),
        fc.constantFrom(...GUARDS),
        fc.constantFrom(STACKS, policies, []),
        (some, gone, objects) => {
          const fewer = some.filter((name) => name !== gone);
          expect(rank(fewer, objects)).toBeLessThanOrEqual(rank(some, objects));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('two agents with one service account are each other', () => {
    const objects = changed(STACKS, ACME, agent(1, 'serviceAccount'), 'invoice-clerk');
    expect(found({ objects })).toEqual([
      [
        'shared-account',
        'WorkspacePolicy portarium-policy/ws-acme spec.agents[0]',
        'WorkspacePolicy portarium-policy/ws-acme spec.agents[1]',
      ],
      ['foreign-identity', 'WorkspacePolicy portarium-policy/ws-acme spec.agents[1]'],
    ]);
  });

  it('an agent has the SPIFFE ID of its own account, namespace and trust domain, and a name that no other has', () => {
    const theirs = 'spiffe://portarium.io/ns/portarium-agents/sa/sales-bot';
    expect(found({ objects: changed(STACKS, GLOBEX, agent(0, 'spiffeId'), theirs) }).map(([cause]) => cause)).toEqual([
      'shared-spiffe-id',
      'foreign-identity',
    ]);
    expect(found({ trustDomain: 'other.example' }).map(([cause]) => cause)).toContain('foreign-identity');
    const name = 'sales-bot';
    const objects = ['name', 'serviceAccount'].reduce<readonly KubeObject[]>(
      (all, key) => changed(all, GLOBEX, agent(0, key), name),
      changed(STACKS, GLOBEX, agent(0, 'spiffeId'), `spiffe://portarium.io/ns/portarium-agents-globex/sa/${name}`),
    );
    expect(found({ objects }).map(([cause]) => cause)).toEqual(['shared-name']);
  });

  it('a workload that runs as another agent', () => {
    const path = ['spec', 'template', 'spec', 'serviceAccountName'];
    expect(found({ objects: changed(STACKS, named('Deployment', 'sales-bot'), path, 'invoice-clerk') })).toEqual([
      ['shared-account', 'Deployment portarium-agents/sales-bot spec.template.spec.serviceAccountName'],
    ]);
    expect(found({ objects: changed(STACKS, named('Deployment', 'sales-bot'), path) })).toHaveLength(1);
  });

  it.each<readonly [string, (object: KubeObject) => boolean, readonly (string | number)[], unknown, string]>([
    ['any namespace', REGISTRATION, ['spec', 'namespaceSelector'], { matchLabels: { team: 'a' } }, 'namespaceSelector'],
    ['no namespace selector', REGISTRATION, ['spec', 'namespaceSelector'], undefined, 'namespaceSelector'],
    ['every pod', REGISTRATION, ['spec', 'podSelector'], {}, 'podSelector'],
    [
      'pods among agents that are none',
      REGISTRATION,
      ['spec', 'podSelector'],
      { matchLabels: { app: 'x' } },
      'podSelector',
    ],
    [
      'agents of another workspace',
      REGISTRATION,
      ['spec', 'podSelector', 'matchLabels', 'portarium.io/workspace'],
      'ws-globex',
      'podSelector',
    ],
    [
      'one SPIFFE ID for all',
      REGISTRATION,
      ['spec', 'spiffeIDTemplate'],
      'spiffe://portarium.io/agent',
      'spiffeIDTemplate',
    ],
    [
      'a SPIFFE ID from a label',
      REGISTRATION,
      ['spec', 'spiffeIDTemplate'],
      'spiffe://{{ .TrustDomain }}/ns/x/sa/{{ index .PodMeta.Labels "a" }}',
      'spiffeIDTemplate',
    ],
    ['any container', REGISTRATION, ['spec', 'workloadSelectorTemplates'], ['k8s:ns:x'], 'workloadSelectorTemplates'],
    [
      'another container',
      REGISTRATION,
      ['spec', 'workloadSelectorTemplates', 2],
      'k8s:container-name:agent',
      'workloadSelectorTemplates',
    ],
    ['SPIRE’s own authority', REGISTRATION, ['spec', 'admin'], true, 'admin'],
    ['a signing certificate', REGISTRATION, ['spec', 'downstream'], true, 'downstream'],
    ['another trust domain', REGISTRATION, ['spec', 'federatesWith'], ['other'], 'federatesWith'],
    ['JWT-SVIDs', REGISTRATION, ['spec', 'jwtTtl'], '5m', 'jwtTtl'],
    [
      'an agent outside',
      BRIDGE,
      ['spec', 'spiffeID'],
      'spiffe://portarium.io/ns/portarium-agents/sa/sales-bot',
      'spiffeID',
    ],
    [
      'the front outside',
      BRIDGE,
      ['spec', 'spiffeID'],
      'spiffe://portarium.io/ns/portarium-control-plane/sa/api-server',
      'spiffeID',
    ],
    ['any workload of a node', BRIDGE, ['spec', 'selectors'], [], 'selectors'],
  ])('a registration of %s', (_, is, path, value, field) => {
    const objects = changed(STACKS, is, path, value);
    const rendered = prove({ objects });
    expect(rendered.verdict).toBe('refuted');
    const [first] = rendered.counterExamples;
    expect(first?.because[0]?.field).toBe(`spec.${field}`);
    // Also where nothing is known of what the platform renders.
    expect(proveIdentity({ ...UNCOMPARED, objects }).counterExamples.map(({ because }) => because[0]!.field)).toContain(
      `spec.${field}`,
    );
  });

  it('a registration that the platform does not render, though it looks like one', () => {
    const [foreign] = changed([STACKS.find(REGISTRATION)!], () => true, ['metadata', 'name'], 'more');
    expect(found({ objects: [...STACKS, foreign!] })).toEqual([['registration', 'ClusterSPIFFEID more spec']]);
  });

  it('another trust domain that is believed', () => {
    const federated = {
      apiVersion: 'spire.spiffe.io/v1alpha1',
      kind: 'ClusterFederatedTrustDomain',
      metadata: { name: 'other' },
      spec: { className: 'portarium', trustDomain: 'other' },
    };
    expect(found({ objects: [...STACKS, federated] })[0]).toEqual([
      'registration',
      'ClusterFederatedTrustDomain other spec.trustDomain',
    ]);
  });

  it('is open where registrations are another’s or were not read', () => {
    const other = changed(STACKS, REGISTRATION, ['spec', 'className'], 'other');
    expect(prove({ objects: other })).toMatchObject({
      verdict: 'inconclusive',
      reasons: [expect.stringContaining('portarium-agents-ws-acme is of another class')],
    });
    const none = STACKS.filter(({ kind }) => !kind.startsWith('Cluster'));
    expect(prove({ objects: none })).toMatchObject({
      verdict: 'inconclusive',
      reasons: [expect.stringContaining('no registration')],
    });
    const policies = STACKS.filter(({ kind }) => kind !== 'WorkspacePolicy');
    expect(prove({ objects: policies, complete: false }).reasons).toHaveLength(2);
    expect(prove({ workspaces: [] }).verdict).toBe('inconclusive');
  });
});
