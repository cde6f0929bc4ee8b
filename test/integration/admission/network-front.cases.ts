import { beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../src/model/kube-object.js';
import { LABELS, NAMESPACES } from '../../../src/model/names.js';
import { agents, endpoint, networkPolicy, openCiliumFront, openFront, pods, relaxation } from './fixture.js';
import { admin, ADMITTED, dryDelete, outcome, settled, until, users } from './install.js';
import { approve, end } from './relaxation.cases.js';

const globex = users['ws-globex-deployer'];
const acme = users['ws-acme-deployer'];
const tcp = (...ports: readonly number[]) => ports.map((port) => ({ protocol: 'TCP', port }));
const toPorts = (...ports: readonly string[]) => [{ ports: ports.map((port) => ({ protocol: 'TCP', port })) }];
const NO_EDGE = 'opens what is no edge of ws-globex';
const OURS = pods('a-shared', agents('ws-globex'));
const OUR_ENDPOINT = endpoint('a-shared', agents('ws-globex'));

const kinds = [
  ['NetworkPolicy', openFront],
  ['CiliumNetworkPolicy', openCiliumFront],
] as const;

/** ws-globex and ws-initech are at `routing`, ws-acme at `identity`. */
export function networkFrontCases(): void {
  describe.each(kinds)('a %s that opens the front’s bearer listener', (_, opening) => {
    const dry = (object: KubeObject, by = globex) => outcome(by.create(object, { dryRun: true }));

    it('is written by the deployers of its workspace, the platform’s and break-glass only', async () => {
      for (const by of [globex, users['platform-deployer'], users.breakglass])
        expect(await dry(opening(), by)).toBe('');
      expect(await dry(opening(), acme)).toContain(
        'Beside the control plane portarium:deployers:<workspace> may write what opens mtls to that workspace',
      );
      for (const by of [users.mallory, users.alice, admin]) {
        expect(await dry(opening(), by)).toContain("may write network policies in the platform's namespaces");
      }
    });

    it('is for a workspace that the platform knows, of a stack that is not the platform’s, and never kept', async () => {
      const by = users['platform-deployer'];
      expect(await dry(opening({ workspace: 'ws-nobody' }), by)).toContain(
        'The platform stack knows no workspace ws-nobody',
      );
      for (const labels of [{ [LABELS.keep]: 'baseline' }, { [LABELS.stack]: 'platform' }]) {
        expect(await dry(opening({ labels }), by)).toContain('goes with its mode');
      }
      expect(await dry(opening({ labels: { [LABELS.stack]: '' } }))).not.toBe('');
    });

    it('opens no other control, and in no other namespace of the platform', async () => {
      const egress = opening({ labels: { [LABELS.opens]: 'egress' } });
      expect(await dry(egress)).toContain('Beside the control plane');
      expect(await dry(egress, users['platform-deployer'])).toContain('portarium.io/opens must be mtls');
      const elsewhere = { ...opening(), metadata: { ...opening().metadata, namespace: NAMESPACES.execution } };
      expect(await dry(elsewhere)).toContain("may write network policies in the platform's namespaces");
    });

    it('needs a Relaxation once its workspace has reached a level that enforces mtls', async () => {
      expect(await dry(opening({ workspace: 'ws-acme' }), acme)).toContain(
        'ws-acme has reached the level identity, which enforces mtls.',
      );
      const named = opening({ workspace: 'ws-acme', labels: { [LABELS.relaxation]: 'r-front' } });
      expect(await dry(named, acme)).toMatch(/needs-approved-mtls-ws-acme.*no params found/);
      await users.alice.create(relaxation({ name: 'r-front', controls: ['mtls'] }));
      expect(await dry(named, acme)).toMatch(/needs-approved-mtls-ws-acme.*no params found/);
      await approve(users.bob, 'r-front', 'bob');
      expect(await settled(() => acme.create(named, { dryRun: true }), ADMITTED)).toBe('');
      const other = opening({ workspace: 'ws-acme', labels: { [LABELS.relaxation]: 'r-other' } });
      expect(await dry(other, acme)).toContain('The Relaxation r-front is approved for mtls of ws-acme');
      await end(users.alice, 'r-front', 'alice');
      expect(await settled(() => acme.create(named, { dryRun: true }), /./)).toMatch(/no params found/);
      await users.breakglass.delete(relaxation({ name: 'r-front' }));
    });

    describe('once it is there', () => {
      const live = opening({ name: 'front-live' });
      beforeAll(async () => {
        expect(await settled(() => globex.apply(live), ADMITTED)).toBe('');
      });

      it.each([
        [LABELS.workspace, 'ws-acme'],
        [LABELS.workspace, null],
        [LABELS.stack, 'other'],
        [LABELS.opens, null],
        [LABELS.opens, 'egress'],
        [LABELS.keep, 'baseline'],
      ])('keeps its label %s (not %s)', async (label, value) => {
        const patch = { metadata: { labels: { [label]: value } } };
        for (const by of [globex, acme, users['platform-deployer']]) {
          expect(await outcome(by.mergePatch(live, patch, { dryRun: true }))).toMatch(
            /cannot be changed|Beside the control plane/,
          );
        }
      });

      it('is changed and deleted by its own deployers, not by another workspace’s', async () => {
        const patch = { metadata: { annotations: { note: 'x' } } };
        expect(await outcome(globex.mergePatch(live, patch, { dryRun: true }))).toBe('');
        expect(await outcome(acme.mergePatch(live, patch, { dryRun: true }))).toContain('Beside the control plane');
        expect(await dryDelete('ws-acme-deployer', live)).toContain('Beside the control plane');
        expect(await dryDelete('mallory', live)).toContain("may write network policies in the platform's namespaces");
        expect(await dryDelete('ws-globex-deployer', live)).toBe('');
      });

      it('is gone after a foreground deletion, in which the garbage collector has a part', async () => {
        await globex.delete(live, { propagation: 'Foreground' });
        await until('it is gone', async () => (await admin.tryGet(live)) === undefined);
      });
    });
  });

  describe('a NetworkPolicy that opens the front’s bearer listener', () => {
    const wrong = (spec: Record<string, unknown>) => outcome(globex.create(openFront({ spec }), { dryRun: true }));
    const from = (peer: unknown, ports: readonly unknown[] = tcp(443, 8444)) =>
      wrong({ ingress: [{ from: [peer], ports }] });

    it.each([
      ['another port', OURS, tcp(8080)],
      ['the agents’ own listener for workers’ calls', OURS, tcp(443, 8443)],
      ['a range', OURS, [{ protocol: 'TCP', port: 8444, endPort: 8500 }]],
      ['another protocol', OURS, [{ protocol: 'UDP', port: 8444 }]],
      ['another workspace of its namespace', pods('a-shared', agents('ws-initech')), undefined],
      ['another namespace', pods('a-agents', agents('ws-globex')), undefined],
      ['every pod of its namespace', pods('a-shared', {}), undefined],
      ['its pods wherever they are', { podSelector: { matchLabels: agents('ws-globex') } }, undefined],
      ['every pod of the workers’ namespace', pods(NAMESPACES.execution, {}), undefined],
      ['addresses', { ipBlock: { cidr: '10.0.0.0/8' } }, undefined],
    ])('opens to no more: %s', async (_, peer, ports) => {
      expect(await from(peer, ports)).toContain(NO_EDGE);
    });

    it('has peers and ports in every rule', async () => {
      expect(await wrong({ ingress: [{ from: [OURS] }] })).toContain('must name its peers');
      expect(await wrong({ ingress: [{ ports: tcp(8444) }] })).toContain('must name its peers');
      expect(await wrong({ ingress: [{}] })).toContain('must name its peers');
    });

    it('selects the api-server', async () => {
      expect(await wrong({ podSelector: {} })).toContain(NO_EDGE);
      expect(await wrong({ podSelector: { matchLabels: { [LABELS.component]: 'openfga' } } })).toContain(NO_EDGE);
    });

    it('lets nothing out', async () => {
      expect(await wrong({ egress: [{ to: [OURS], ports: tcp(443) }] })).toContain('lets in and nothing out');
      expect(await wrong({ egress: [{}] })).toContain('lets in and nothing out');
    });
  });

  describe('a CiliumNetworkPolicy that opens the front’s bearer listener', () => {
    const wrong = (spec: Record<string, unknown>, more: Record<string, unknown> = {}) =>
      outcome(globex.create({ ...openCiliumFront({ spec }), ...more }, { dryRun: true }));

    it.each([
      ['another port', { fromEndpoints: [OUR_ENDPOINT], toPorts: toPorts('8080') }, NO_EDGE],
      [
        'another workspace',
        { fromEndpoints: [endpoint('a-shared', agents('ws-initech'))], toPorts: toPorts('8444') },
        NO_EDGE,
      ],
      [
        'another namespace',
        { fromEndpoints: [endpoint('a-agents', agents('ws-globex'))], toPorts: toPorts('8444') },
        NO_EDGE,
      ],
      ['everybody', { fromEndpoints: [{}], toPorts: toPorts('8444') }, NO_EDGE],
      ['the world', { fromEntities: ['world'], toPorts: toPorts('8444') }, 'must name its ports and its peers'],
      ['addresses', { fromCIDR: ['10.0.0.0/8'], toPorts: toPorts('8444') }, 'must name its ports and its peers'],
      ['every port', { fromEndpoints: [OUR_ENDPOINT] }, 'must name its ports and its peers'],
    ])('opens to no more: %s', async (_, rule, says) => {
      expect(await wrong({ ingress: [rule] })).toContain(says);
    });

    it('selects the api-server', async () => {
      expect(await wrong({ endpointSelector: {} })).toContain(NO_EDGE);
    });

    it('lets nothing out and denies nothing: that would shut the front for everybody', async () => {
      expect(await wrong({ egress: [{ toEntities: ['world'] }] })).toContain('lets in and nothing out');
      for (const deny of ['ingressDeny', 'egressDeny']) {
        expect(
          await wrong({ [deny]: [{ [deny === 'ingressDeny' ? 'fromEntities' : 'toEntities']: ['all'] }] }),
        ).toContain('denies nothing');
      }
    });

    it('is one policy, of pods', async () => {
      expect(await wrong({}, { specs: [{ endpointSelector: {}, ingress: [{}] }] })).toContain('one policy an object');
      expect(await wrong({ nodeSelector: {}, endpointSelector: undefined })).not.toBe('');
    });
  });

  describe('the platform’s own policies beside the control plane', () => {
    const own = networkPolicy({ namespace: NAMESPACES.controlPlane, name: 'api-server-allow', labels: {} });

    it('are neither made, changed nor deleted by a workspace’s deployers', async () => {
      await users['platform-deployer'].apply(own);
      expect(
        await outcome(globex.create({ ...own, metadata: { ...own.metadata, name: 'mine' } }, { dryRun: true })),
      ).toContain('and nothing else');
      expect(await outcome(globex.mergePatch(own, { spec: { ingress: [{}] } }, { dryRun: true }))).toContain(
        'and nothing else',
      );
      // Relabelled as its own opening it would be judged as one.
      const labels = { [LABELS.opens]: 'mtls', [LABELS.workspace]: 'ws-globex' };
      expect(await outcome(globex.mergePatch(own, { metadata: { labels } }, { dryRun: true }))).toContain(
        'cannot be changed',
      );
      expect(await dryDelete('ws-globex-deployer', own)).toContain('and nothing else');
      await users['platform-deployer'].delete(own);
    });
  });
}
