import { describe, expect, test } from 'vitest';
import { takeSnapshot, type Snapshot } from '../../src/cli/snapshot.js';
import { canonicalJson } from '../../src/model/canonical.js';
import { keyOf } from '../../src/model/kube-object.js';
import { CONTROLS, LEVELS, relax } from '../../src/model/levels.js';
import { ANNOTATIONS, LABELS } from '../../src/model/names.js';
import { fileOf, loadParts } from './script.js';
import { atLevel, configMap, snapshot, snapshotOf, workspace } from './snapshots.js';

const parts = await loadParts();
const sample = takeSnapshot('stacks');

const comment = (base: Snapshot, head: Snapshot, detail: 'objects' | 'counts' = 'objects'): string =>
  parts.render(parts.readSnapshot(fileOf(base)), parts.readSnapshot(fileOf(head)), {
    detail,
    headSha: '0123456789abcdef0123456789abcdef01234567',
  });

/** The cells of a stack's row. */
function row(text: string, stack: string): readonly string[] {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`| \`${stack}\` |`));
  if (line === undefined) throw new Error(`no row for ${stack} in\n${text}`);
  return line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, ''));
}

describe('the script’s copy of the model', () => {
  test('has its controls and levels', () => {
    expect(parts.CONTROLS).toEqual(CONTROLS);
    expect(parts.LEVELS).toEqual(LEVELS);
    expect(parts.HASH_FIELD).toBe(`metadata.annotations["${ANNOTATIONS.policyHash}"]`);
  });

  test('has its modes at every level, with every control relaxed', () => {
    for (const level of LEVELS) {
      for (const relaxed of [[], ...CONTROLS.map((control) => [control]), [...CONTROLS]]) {
        const modes = CONTROLS.map((control) => parts.modeOf({ level, relaxed }, control));
        expect(modes).toEqual(CONTROLS.map((control) => relax(level, relaxed)[control]));
      }
    }
  });

  test('has its keys and canonical JSON', () => {
    for (const stack of sample.stacks) {
      for (const { object } of 'objects' in stack ? stack.objects : []) {
        expect(parts.keyOf(object)).toBe(keyOf(object));
        expect(parts.canonicalJson(object)).toBe(canonicalJson(object));
      }
    }
  });

  test('knows every reason for which a rendered object is kept', () => {
    const kept = sample.stacks.flatMap((stack) => ('objects' in stack ? stack.objects.map(({ keep }) => keep) : []));
    expect(parts.KEEP).toEqual(expect.arrayContaining([...new Set(kept)].filter((keep) => keep !== undefined)));
  });
});

describe('the table', () => {
  test('is absent where nothing changes', () => {
    const text = comment(sample, sample);
    expect(text).toContain('### Preview: no changes in 3 stacks\n');
    expect(text).not.toContain('|');
  });

  test('shows ws-acme going from routing to enforced', () => {
    const text = comment(sample, snapshotOf({ 'ws-acme': atLevel('enforced') }));
    expect(text).toContain('### Preview: changes in 1 of 3 stacks\n');
    const [, level, controls, objects, opens, lookAt] = row(text, 'ws-acme');
    expect(level).toBe('routing → **enforced**');
    expect(controls).toBe('authz, mtls, allowlist, egress: shadow → **enforce**');
    expect(objects).toMatch(/^\+0 ~\d+ −4<br>\d+ unchanged$/);
    expect(opens).toBe('closes mtls (2 objects)<br>closes egress (2 objects)');
    expect(lookAt).toBe('restarts the pods of 4 workloads');
    expect(text).toContain(
      '- deleted `NetworkPolicy.networking.k8s.io portarium-agents/agents-ws-acme-open-egress`, closes egress\n',
    );
    expect(text).not.toContain('agent-deny-default');
    expect(text).not.toContain('ws-globex');
  });

  test('calls the way back what it is', () => {
    const [, level, , , opens, lookAt] = row(
      comment(snapshotOf({ 'ws-acme': atLevel('enforced') }), sample),
      'ws-acme',
    );
    expect(level).toBe('enforced → **routing**');
    expect(opens).toBe('**opens** mtls (2 objects)<br>**opens** egress (2 objects)');
    expect(lookAt).toContain('**the level goes down**');
    expect(lookAt).toContain('**weakens authz, mtls, allowlist, egress**');
  });

  test('shows a rollback at an unchanged level, and the Relaxation that it needs', () => {
    const before = snapshotOf({ 'ws-acme': atLevel('enforced') });
    const after = snapshotOf({ 'ws-acme': atLevel('enforced', '\n    rollback: { to: 1, relaxation: rel-1 }') });
    const [, level, controls, , opens, lookAt] = row(comment(before, after), 'ws-acme');
    expect(level).toBe('enforced → **enforced, `rollback 1`**');
    expect(controls).toContain('egress: enforce → **shadow**');
    expect(opens).toBe('**opens** egress (2 objects)');
    expect(lookAt).toContain('**weakens egress**');
    expect(lookAt).toContain('needs an approved, unexpired Relaxation for egress');
  });

  test('says of workloads of others that they are patched and released, not made and deleted', () => {
    const patch = {
      ...configMap('api-server', { spec: { template: {} } }),
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'api-server', namespace: 'agents', labels: { 'portarium.io/patched-by': 'ws-acme' } },
    };
    const [without, patched] = [snapshot(workspace([])), snapshot(workspace([patch]))];
    expect(comment(without, patched)).toContain('- patches `Deployment.apps agents/api-server`\n');
    expect(comment(patched, without)).toContain('- releases `Deployment.apps agents/api-server`\n');
    for (const text of [comment(without, patched), comment(patched, without)]) {
      expect(row(text, 'ws-acme')[5]).toBe('restarts the pods of 1 workload');
    }
  });

  test('shows a new and a removed stack', () => {
    const without = snapshotOf({ 'ws-globex': () => undefined });
    expect(row(comment(without, sample), 'ws-globex')).toMatchObject({
      1: '**new**: routing',
      2: 'authz, mtls, allowlist, egress: – → **shadow**',
    });
    const removed = row(comment(sample, without), 'ws-globex');
    expect(removed[1]).toBe('**removed**, was routing');
    expect(removed[5]).toContain('**baseline leaves the plan**: 1 object, which no engine deletes');
    expect(removed[5]).toContain('**the stack is removed** from the folder, not destroyed');
  });

  test('says that a changed policy restarts the 48 h clock, and counts what only carries its hash', () => {
    const head = snapshotOf({ 'ws-acme': (text) => text.replace('tier: Auto', 'tier: Assisted') });
    const [, , , objects, , lookAt] = row(comment(sample, head), 'ws-acme');
    expect(lookAt).toBe('**policy hash changed**: the 48 h clock restarts');
    expect(objects).toMatch(/^\+0 ~1 −0<br>\d+ with a new policy hash only<br>0 unchanged$/);
  });

  test('says that guards only warn', () => {
    const head = snapshotOf({ platform: (text) => text.replace('guards: deny', 'guards: audit') });
    const [, level, controls, , , lookAt] = row(comment(sample, head), 'platform');
    expect(level).toBe('guards deny → **guards audit**');
    expect(controls).toBe('');
    expect(lookAt).toContain('**guards only warn**');
    expect(row(comment(head, sample), 'platform')[5]).not.toContain('only warn');
    expect(lookAt).toMatch(/\*\*guard changed\*\*: \d+ objects/);
  });

  test.each(['baseline', 'guard', 'namespace', 'definition'])('flags a changed, dropped or unmarked %s', (keep) => {
    const kept = (data: string, labels: object = { [LABELS.keep]: keep }) =>
      configMap('kept', { metadata: { name: 'kept', labels }, data: { data } });
    const base = snapshot(workspace([kept('1')]));
    const lookAt = (head: Snapshot) => row(comment(base, head), 'ws-acme')[5];
    expect(lookAt(snapshot(workspace([kept('2')])))).toBe(`**${keep} changed**: 1 object`);
    expect(lookAt(snapshot(workspace([])))).toBe(`**${keep} leaves the plan**: 1 object, which no engine deletes`);
    expect(lookAt(snapshot(workspace([kept('1', {})])))).toBe(
      `**${keep} changed**: 1 object<br>**no longer kept**: 1 object`,
    );
  });

  test('shows a stack that does not parse, first, with its error below', () => {
    const text = comment(sample, snapshotOf({ 'ws-globex': atLevel('nope'), 'ws-acme': atLevel('enforced') }));
    expect(row(text, 'ws-globex')).toEqual([
      '`ws-globex`',
      '**does not parse**',
      expect.any(String),
      'not compared',
      '',
      '',
    ]);
    expect(text.indexOf('| `ws-globex`')).toBeLessThan(text.indexOf('| `ws-acme`'));
    expect(text).toContain('- `');
    expect(text).toContain('"nope" is not allowed');
  });

  test('shows what opens under another label than before', () => {
    const open = (control?: string) =>
      configMap('x', { metadata: { name: 'x', ...(control && { labels: { [LABELS.opens]: control } }) } });
    const opens = (from?: string, to?: string) =>
      row(comment(snapshot(workspace([open(from)])), snapshot(workspace([open(to)]))), 'ws-acme')[4];
    expect(opens(undefined, 'egress')).toBe('**opens** egress (1 object)');
    expect(opens('mtls', 'egress')).toBe('**opens** egress (1 object)');
  });
});

test('a field is named where values stop being alike', () => {
  const fields = (before: unknown, after: unknown) => {
    const [base, head] = [before, after].map((data) => snapshot(workspace([configMap('a', { data })])));
    return /- changed `ConfigMap agents\/a`: (.*)/.exec(comment(base!, head!))?.[1];
  };
  expect(fields({ a: [1, 2] }, { a: [1, 3, 4] })).toBe('`data.a[1]`, `data.a[2]`');
  expect(fields({ a: [1] }, { a: '1' })).toBe('`data.a`');
  expect(fields({ a: [1] }, { a: { 0: 1 } })).toBe('`data.a`');
  expect(fields({ a: null }, {})).toBe('`data.a`');
  expect(fields({ 'a.b': 1 }, { 'a.b': 2 })).toBe('`data["a.b"]`');
  const many = (value: number) => Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`k${index}`, value]));
  expect(fields(many(1), many(2))).toMatch(/^(`data\.k\d`(, )?){6} and 3 more fields$/);
});

describe('what the comment leaves out', () => {
  test('values of fields, always', () => {
    const base = snapshot(workspace([configMap('a', { data: { peer: '198.51.100.7' } })]));
    const head = snapshot(workspace([configMap('a', { data: { peer: '203.0.113.9' } })]));
    const text = comment(base, head);
    expect(text).toContain('- changed `ConfigMap agents/a`: `data.peer`\n');
    expect(text).not.toMatch(/198\.51|203\.0/);
  });

  test('names of objects, fields and errors, where only counts are wanted', () => {
    const head = snapshotOf({ 'ws-acme': atLevel('enforced'), 'ws-globex': atLevel('nope') });
    const text = comment(sample, head, 'counts');
    expect(text).toContain('| `ws-acme` | routing → **enforced** |');
    expect(text).toContain('Names of objects are left out here');
    expect(text).not.toMatch(/NetworkPolicy|portarium-agents|<details>|nope/);
  });
});

describe('a long comment', () => {
  const many = (count: number, objects: number) =>
    snapshot(
      ...Array.from({ length: count }, (_, stack) =>
        workspace(
          Array.from({ length: objects }, (_, index) => configMap(`object-${index}-${'x'.repeat(100)}`)),
          { stack: `ws-${stack}` },
        ),
      ),
    );

  test('is cut under GitHub’s limit, by objects first, and says so', () => {
    const text = comment(snapshot(), many(40, 40));
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(65_536);
    expect(text.match(/^\| `ws-/gm)).toHaveLength(40);
    const listed = text.match(/^- new /gm)?.length ?? 0;
    expect(listed).toBeGreaterThan(200);
    expect(text).toContain(`**Cut: ${1600 - listed} objects left out**`);
    expect(text).toContain('</details>');
  });

  test('is cut by stacks where the table alone is too long, and keeps those to look at', () => {
    const base = many(1_000, 1);
    const risky = workspace([], { stack: 'zz-risky', level: 'enforced' });
    const tame = workspace([], { stack: 'zz-risky', level: 'routing' });
    const head = snapshot(...many(1_000, 2).stacks, tame);
    const text = comment(snapshot(...base.stacks, risky), head);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(65_536);
    expect(text).toMatch(/\*\*Cut: \d+ stacks and 1000 objects left out\*\*/);
    expect(row(text, 'zz-risky')[5]).toContain('**the level goes down**');
  });
});
