import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { destroyStack, previewStack, PulumiFailed, stackHistory } from '../../../src/bridge/automation.js';
import type { Cluster, WatchEvent } from '../../../src/bridge/cluster.js';
import { planHash, UNNAMED } from '../../../src/bridge/live-facts.js';
import { isKept } from '../../../src/bridge/ownership.js';
import { approveRelaxation, endRelaxation, requestRelaxation } from '../../../src/bridge/relaxations.js';
import { renderStack } from '../../../src/bridge/render.js';
import { loadStack } from '../../../src/config/load.js';
import { isPatch, keyOf } from '../../../src/model/kube-object.js';
import { LEVELS, rank, ROLLBACK_TARGETS, type Level } from '../../../src/model/levels.js';
import { FIELD_MANAGER, LABELS } from '../../../src/model/names.js';
import { BASELINE, isThere, NEEDS, openings, startBench, type Bench, type Digest } from './fixture.js';
import { approveStack } from '../../support/approve.js';
import { workerLab } from '../worker-lab.js';

/** Each test goes on where the one before it left the cluster: deployments take seconds here. */
describe.skipIf(!isThere)(`stacks on the real engine ${NEEDS}`, { timeout: 1_800_000 }, () => {
  let bench: Bench;
  let admin: Cluster;
  beforeAll(async () => {
    bench = await startBench();
    admin = await bench.cluster('admin');
  }, 300_000);
  afterAll(() => bench?.end());

  // No control plane runs here, so there is nothing to patch: patches.test.ts.
  const rendered = (stack: string) =>
    renderStack(loadStack(stack, { dir: bench.stacksDir })).filter((object) => !isPatch(object));

  /** A Relaxation for what the stack's file relaxes, requested by alice and approved by bob. */
  async function approved(): Promise<string> {
    const [alice, bob] = await Promise.all([bench.cluster('alice'), bench.cluster('bob')]);
    const stack = loadStack('ws-acme', { dir: bench.stacksDir });
    if (stack.kind !== 'workspace' || !stack.workspace.relaxing) throw new Error('nothing is relaxed');
    const { controls } = stack.workspace.relaxing;
    const named = { ...stack.workspace, relaxing: { ...stack.workspace.relaxing, relaxation: UNNAMED } };
    const hash = planHash(renderStack({ ...stack, workspace: named }));
    const { name } = await requestRelaxation(alice, {
      workspaceId: 'ws-acme',
      controls,
      planHash: hash,
      reason: 'the front is down',
      ticket: 'INC-1',
    });
    await approveRelaxation(bob, name);
    return name;
  }

  /** What happened to the workspace's policies and workloads meanwhile. */
  async function changesDuring(act: () => Promise<unknown>): Promise<readonly WatchEvent[]> {
    const seen: WatchEvent[] = [];
    const stop = new AbortController();
    const kinds = [
      { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' },
      { apiVersion: 'apps/v1', kind: 'Deployment' },
    ];
    const watching = kinds.map(async (kind) => {
      const events = admin.watch({ ...kind, namespace: 'portarium-agents' }, { signal: stop.signal });
      for await (const event of events) seen.push(event);
    });
    await act();
    stop.abort();
    await Promise.all(watching);
    return seen;
  }

  /** The steps that lead from one level to another: by raising the level, or by an approved rollback. */
  async function stepsBetween(from: Level, to: Level): Promise<Digest['steps']> {
    if (rank(to) >= rank(from)) {
      bench.configure('ws-acme', { level: to });
      return (await bench.preview('ws-acme')).steps;
    }
    const [target] = Object.entries(ROLLBACK_TARGETS).find(([, level]) => level === to)!;
    bench.configure('ws-acme', { level: from, rollback: { to: target } });
    const name = await approved();
    try {
      return (await bench.preview('ws-acme')).steps;
    } finally {
      await endRelaxation(await bench.cluster('alice'), name);
    }
  }

  test('a workspace without its platform is refused, in a preview it is a warning', async () => {
    await expect(bench.up('ws-acme')).rejects.toThrow(
      'the platform\'s stack "platform" is not deployed from this backend. Deploy it first: pulumi up --stack platform.',
    );
    const { diagnostics = [] } = await bench.preview('ws-acme');
    expect(diagnostics.map(({ message }) => message).join('\n')).toContain('an update would stop here: the platform');
  });

  test('the platform, every object once', async () => {
    const { changes, outputs } = await bench.up('platform');
    // The provider and the stack itself beside the objects.
    expect(changes).toEqual({ create: rendered('platform').length + 2 });
    expect(outputs).toMatchObject({ kind: 'platform', guards: 'deny' });
  });

  test('changes nothing when run again', async () => {
    await bench.up('platform');
    const { steps } = await bench.preview('platform');
    expect(steps.filter(({ op }) => op !== 'same')).toEqual([]);
  });

  test('a workspace by its own deployer, with the field manager of both engines', async () => {
    const { changes, outputs } = await bench.up('ws-acme');
    const { create = 0, same = 0, ...others } = changes;
    // A refused update leaves the stack itself in the backend.
    expect({ made: create + same, others }).toEqual({ made: rendered('ws-acme').length + 2, others: {} });
    expect(outputs).toMatchObject({
      kind: 'workspace',
      level: 'routing',
      policyHash: expect.stringMatching(/^\w{64}$/) as string,
    });
    expect(await bench.up('ws-acme')).toMatchObject({ changes: { same: rendered('ws-acme').length + 2 } });
    const { metadata } = await admin.get(BASELINE);
    expect(metadata.managedFields?.map(({ manager, operation }) => ({ manager, operation }))).toEqual([
      { manager: FIELD_MANAGER, operation: 'Apply' },
    ]);
  });

  test('two updates at a time: one is locked out and told what to do', async () => {
    const both = await Promise.allSettled([bench.up('ws-acme'), bench.up('ws-acme')]);
    const refused = both.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    expect(refused).toMatchObject([{ reason: 'locked' }]);
    expect(String(refused)).toContain('pulumi cancel --stack ws-acme');
  });

  test('a stack that the backend does not have has no history', async () => {
    expect(await stackHistory('ws-globex', bench.stacksDir, bench.options('ws-globex'))).toEqual([]);
  });

  test('it climbs every level, and at each a preview of every other replaces and deletes nothing that is kept', async () => {
    await approveStack(await bench.cluster('dana'), 'ws-acme', bench.stacksDir);
    for (const from of LEVELS) {
      bench.configure('ws-acme', { level: from });
      const { changes } = await bench.up('ws-acme');
      expect(Object.keys(changes).filter((op) => !['same', 'create', 'update', 'delete'].includes(op))).toEqual([]);
      for (const to of LEVELS) {
        for (const { op, urn, oldState, newState } of await stepsBetween(from, to)) {
          expect(['same', 'create', 'update', 'delete'], `${from} -> ${to}: ${op} of ${urn}`).toContain(op);
          if (op !== 'delete' && op !== 'create') continue;
          const labels = (oldState ?? newState)?.inputs?.metadata?.labels ?? {};
          expect({ from, to, urn, opens: LABELS.opens in labels, protect: oldState?.protect ?? false }).toMatchObject({
            opens: true,
            protect: false,
          });
        }
      }
    }
    bench.configure('ws-acme', { level: 'enforced' });
    expect(await openings(admin)).toEqual([]);
    expect((await stackHistory('ws-acme', bench.stacksDir, bench.options('ws-acme'))).at(-1)).toMatchObject({
      level: 'enforced',
      relaxing: [],
    });
  });

  test('a level below the one reached is refused', async () => {
    bench.configure('ws-acme', { level: 'identity' });
    await expect(bench.up('ws-acme')).rejects.toThrow('has reached level "enforced"');
    bench.configure('ws-acme', { level: 'enforced' });
  });

  test('a rollback by `pulumi config set` and `up` needs an approved Relaxation, opens, and closes again', async () => {
    await bench.pulumi('ws-acme', 'config', 'set', '--path', 'portarium:enforcement.rollback.to', '1');
    await expect(bench.up('ws-acme')).rejects.toThrow('The config says: rollback 1. To come back, remove the key');
    expect(await openings(admin)).toEqual([]);

    const name = await approved();
    const { outputs } = await bench.up('ws-acme');
    expect(outputs).toMatchObject({
      level: 'enforced',
      modes: { egress: 'shadow', authz: 'enforce' },
      relaxation: name,
    });
    expect(await openings(admin)).not.toEqual([]);

    await endRelaxation(await bench.cluster('alice'), name);
    await expect(bench.up('ws-acme')).rejects.toThrow(`Relaxation ${name} has been ended.`);
    await bench.pulumi('ws-acme', 'config', 'rm', '--path', 'portarium:enforcement.rollback');
    const seen = await changesDuring(() => bench.up('ws-acme'));
    expect(await openings(admin)).toEqual([]);
    const closed = seen.filter(({ type, object }) => type === 'DELETED' && object.kind === 'NetworkPolicy');
    const restarted = seen.filter(({ object }) => JSON.stringify(object).includes(`closed-after-${name}`));
    expect(closed).not.toEqual([]);
    expect(restarted).not.toEqual([]);
    // Agents that restart because egress closes must not start before it did: their connections would survive.
    expect(Math.max(...closed.map(versionOf))).toBeLessThan(Math.min(...restarted.map(versionOf)));
    expect((await stackHistory('ws-acme', bench.stacksDir, bench.options('ws-acme'))).slice(-2)).toMatchObject([
      { level: 'enforced', relaxing: ['egress'] },
      { level: 'enforced', relaxing: [] },
    ]);
  });

  test('`apply` takes over from Pulumi and gives back without a fight', async () => {
    bench.configure('ws-acme', { level: 'enforced' });
    const applied = await bench.apply('ws-acme');
    expect(applied).toMatchObject({ created: [], updated: [], repaired: [], pruned: [] });
    expect((await bench.up('ws-acme')).changes).toEqual({ same: rendered('ws-acme').length + 2 });
  });

  test('a rollback by `apply` and then `up` at enforced is refused, never left open; `apply` closes it', async () => {
    bench.configure('ws-acme', { level: 'enforced', rollback: { to: 1 } });
    const name = await approved();
    expect((await bench.apply('ws-acme')).created).not.toEqual([]);
    expect(await openings(admin)).not.toEqual([]);

    bench.configure('ws-acme', { level: 'enforced' });
    const refused = await bench.up('ws-acme').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(PulumiFailed);
    expect(String(refused)).toContain('/agents-ws-acme-open-egress');
    expect(String(refused)).toContain('npm run -s enforce -- apply --stack ws-acme');

    await endRelaxation(await bench.cluster('alice'), name);
    await bench.apply('ws-acme');
    expect(await openings(admin)).toEqual([]);
    await bench.up('ws-acme');
    expect(await openings(admin)).toEqual([]);
  });

  test('what was added by others stops it, since Pulumi does not see it even after a refresh', async () => {
    const dns = { ...CONFIG_MAP };
    const intact = (await admin.get(dns))['data'];
    const breakGlass = await bench.cluster('breakglass');
    await breakGlass.mergePatch(dns, { data: { 'extra.server': '. { forward . 8.8.8.8 }' } });
    expect(await bench.pulumi('ws-acme', 'refresh', '--yes', '--skip-preview')).toMatch(/unchanged/);
    await expect(bench.up('ws-acme')).rejects.toThrow('agent-dns-ws-acme was changed by others (data["extra.server"])');
    await bench.apply('ws-acme');
    await bench.up('ws-acme');
    expect((await admin.get(dns))['data']).toEqual(intact);
  });

  test('another cluster behind the kubeconfig is a replacement of everything, which the baseline refuses', async () => {
    const elsewhere = {
      ...bench.options('ws-acme'),
      env: { ...bench.options('ws-acme').env, KUBECONFIG: workerLab().kubeconfig },
    };
    await expect(previewStack(elsewhere)).rejects.toThrow(
      /unable to replace resource "[^"]*agent-deny-default-ws-acme"\s+as it is currently marked for protection/,
    );
  });

  test.each(['ws-acme', 'platform'])(
    'a destroy of %s keeps what must be kept, and the next deployment adopts it',
    async (stack) => {
      const kept = rendered(stack).filter(({ metadata }) => metadata.labels?.[LABELS.keep] !== undefined);
      const uids = () => Promise.all(kept.map(async (object) => (await admin.get(object)).metadata.uid));
      const before = await uids();
      if (stack === 'ws-acme') {
        bench.configure(stack, { level: 'enforced', rollback: { to: 1 } });
        await approved();
        await bench.up(stack);
        expect(await openings(admin)).not.toEqual([]);
      }
      await destroyStack(bench.options(stack));
      expect(await uids()).toEqual(before);
      const others = rendered(stack).filter((object) => !isKept(object));
      const left = await Promise.all(others.map((object) => admin.tryGet(object)));
      expect(left.filter((object) => object !== undefined).map(keyOf)).toEqual([]);
      // A workspace without its stack is closed, not open.
      expect(await openings(admin)).toEqual([]);

      if (stack === 'ws-acme') bench.configure(stack, { level: 'enforced' });
      expect((await bench.up(stack)).changes).toMatchObject({ create: rendered(stack).length + 2 });
      expect(await uids()).toEqual(before);
      const { steps } = await bench.preview(stack);
      expect(steps.filter(({ op }) => op !== 'same')).toEqual([]);
    },
  );
});

/** Resource versions of one server grow with every write, whatever the kind. */
const versionOf = ({ object }: WatchEvent): number => Number(object.metadata.resourceVersion);

const CONFIG_MAP = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'agent-dns-ws-acme', namespace: 'portarium-agents' },
};
