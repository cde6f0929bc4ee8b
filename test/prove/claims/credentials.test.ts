import { describe, expect, it } from 'vitest';
import { CREDENTIAL_GUARDS, proveCredentials } from '../../../src/prove/claims/credentials.js';
import type { CredentialsInput } from '../../../src/prove/claims/credentials.js';
import { AGENT_NAMESPACES, changed, GUARDS, named, STACKS, without } from './stack.js';
import { object } from '../objects.js';

const UNREAD: CredentialsInput = { objects: STACKS, namespaces: AGENT_NAMESPACES, guards: GUARDS, level: 'enforced' };
const INPUT: CredentialsInput = { ...UNREAD, secrets: [], vault: 'none' };
const prove = (changes: Partial<CredentialsInput> = {}) => proveCredentials({ ...INPUT, ...changes });

const BOT = named('Deployment', 'sales-bot');
const POD = ['spec', 'template', 'spec'];
const withPod = (path: readonly (string | number)[], value?: unknown) => changed(STACKS, BOT, [...POD, ...path], value);
const withVolume = (volume: object) => withPod(['volumes', 3], { name: 'more', ...volume });
const token = (audience?: string) => ({
  projected: { sources: [{ serviceAccountToken: { path: 't', ...(audience && { audience }) } }] },
});

describe('claim C', () => {
  it('is proved for the committed stacks where Secrets were listed and there is no Vault', () => {
    expect(prove()).toMatchObject({ verdict: 'proved', counterExamples: [], reasons: [] });
    expect(prove().argument[0]).toBe(
      '6 pods and pod templates in portarium-agents, portarium-agents-globex: environment, volumes, tokens, annotations',
    );
  });

  it('is open where neither Secrets nor Vault’s policies were read', () => {
    expect(proveCredentials(UNREAD)).toMatchObject({
      verdict: 'inconclusive',
      reasons: [expect.stringContaining('were not listed'), expect.stringContaining('Vault’s policies')],
    });
  });

  it('is claimed from enforced on', () => {
    expect(prove({ level: 'allowlist', guards: new Set() }).verdict).toBe('not claimed');
  });

  it('is open where nothing was read', () => {
    expect(prove({ objects: [] }).verdict).toBe('inconclusive');
    expect(prove({ namespaces: [] }).verdict).toBe('inconclusive');
  });

  it.each(Object.keys(CREDENTIAL_GUARDS))('is refuted without %s', (name) => {
    expect(GUARDS.has(name)).toBe(true);
    expect(prove({ guards: without(name) }).counterExamples.map(({ because }) => because)).toEqual([
      [{ object: `ValidatingAdmissionPolicy ${name}`, field: 'not in force' }],
    ]);
  });

  const SECRET = { name: 'hubspot', key: 'k' };
  const main = ['containers', 0];
  it.each<readonly [string, ReturnType<typeof withPod>, string, string]>([
    [
      'a variable',
      withPod([...main, 'env', 0], { name: 'X', valueFrom: { secretKeyRef: SECRET } }),
      'secret-in-pod',
      'containers[0].env[0].valueFrom.secretKeyRef',
    ],
    [
      'every variable',
      withPod([...main, 'envFrom'], [{ configMapRef: SECRET }, { secretRef: SECRET }]),
      'secret-in-pod',
      'containers[0].envFrom[1].secretRef',
    ],
    [
      'a sidecar’s variable',
      withPod(['initContainers', 0, 'envFrom'], [{ secretRef: SECRET }]),
      'secret-in-pod',
      'initContainers[0].envFrom[0].secretRef',
    ],
    ['a volume', withVolume({ secret: { secretName: 'hubspot' } }), 'secret-in-pod', 'volumes[3].secret'],
    [
      'a projected volume',
      withVolume({ projected: { sources: [{ secret: SECRET }] } }),
      'secret-in-pod',
      'volumes[3].projected.sources[0].secret',
    ],
    ['a token of no audience', withVolume(token()), 'api-token', 'volumes[3].projected.sources[0].serviceAccountToken'],
    [
      'a token of the API',
      withVolume(token('https://kubernetes.default.svc.cluster.local')),
      'api-token',
      'volumes[3].projected.sources[0].serviceAccountToken',
    ],
    [
      'a token of Vault',
      withVolume(token('vault')),
      'vault-token',
      'volumes[3].projected.sources[0].serviceAccountToken',
    ],
    [
      'a pod certificate',
      withVolume({ projected: { sources: [{ podCertificate: {} }] } }),
      'api-token',
      'volumes[3].projected.sources[0].podCertificate',
    ],
    [
      'an automounted token',
      withPod(['automountServiceAccountToken'], true),
      'api-token',
      'automountServiceAccountToken',
    ],
  ])('is refuted by %s', (_, objects, cause, field) => {
    expect(prove({ objects }).counterExamples.map((each) => [each.cause, each.because])).toEqual([
      [cause, [{ object: 'Deployment portarium-agents/sales-bot', field: `spec.template.spec.${field}` }]],
    ]);
  });

  it('an account that mounts no token does for its pods, unless the pod says otherwise', () => {
    const silent = withPod(['automountServiceAccountToken']);
    expect(prove({ objects: silent }).verdict).toBe('proved');
    const account = named('ServiceAccount', 'sales-bot');
    expect(prove({ objects: silent.filter((each) => !account(each)) }).verdict).toBe('refuted');
    expect(prove({ objects: changed(silent, account, ['automountServiceAccountToken'], true) }).verdict).toBe(
      'refuted',
    );
    expect(prove({ objects: changed(STACKS, account, ['automountServiceAccountToken'], true) }).verdict).toBe('proved');
  });

  it.each<readonly [string, ReturnType<typeof withPod>, string]>([
    ['a token of somebody unknown', withVolume(token('sts.amazonaws.com')), 'a token for sts.amazonaws.com'],
    ['a claim', withVolume({ persistentVolumeClaim: { claimName: 'x' } }), 'persistentVolumeClaim'],
    ['a driver of stores', withVolume({ csi: { driver: 'secrets-store.csi.k8s.io' } }), 'secrets-store.csi.k8s.io'],
    [
      'a value that sounds like one',
      withPod([...main, 'env', 0], { name: 'HUBSPOT_API_KEY', value: 'x' }),
      'HUBSPOT_API_KEY',
    ],
    [
      'a file that sounds like one',
      changed(STACKS, named('ConfigMap', 'sales-bot-envoy'), ['data', 'password.txt'], 'x'),
      'password.txt',
    ],
  ])('is open by %s', (_, objects, reason) => {
    expect(prove({ objects })).toMatchObject({ verdict: 'inconclusive', reasons: [expect.stringContaining(reason)] });
  });

  it('knows the platform’s own tokens, Secrets and variables', () => {
    expect(prove({ objects: withVolume(token('portarium')), audiences: ['portarium'] }).verdict).toBe('proved');
    const objects = withVolume({ secret: { secretName: 'ours' } });
    expect(prove({ objects, platformSecrets: ['ours'] }).verdict).toBe('proved');
    expect(prove({ objects: withPod(['imagePullSecrets'], [{ name: 'registry' }]) }).verdict).toBe('proved');
    expect(prove({ objects: withPod([...main, 'env', 0], { name: 'TOKEN', value: '' }) }).verdict).toBe('proved');
  });

  it('reads every kind that makes pods, and none elsewhere', () => {
    const template = { spec: { automountServiceAccountToken: true, containers: [] } };
    const made = (kind: string, namespace: string, rest: object) =>
      object('v1', kind, { metadata: { name: 'x', namespace }, ...rest });
    const kinds: readonly [string, object][] = [
      ['Pod', template],
      ['PodTemplate', { template }],
      ...['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'ReplicationController', 'Job'].map(
        (kind): [string, object] => [kind, { spec: { template } }],
      ),
      ['CronJob', { spec: { jobTemplate: { spec: { template } } } }],
    ];
    for (const [kind, rest] of kinds) {
      expect([kind, prove({ objects: [...STACKS, made(kind, 'portarium-agents', rest)] }).verdict]).toEqual([
        kind,
        'refuted',
      ]);
      expect([kind, prove({ objects: [...STACKS, made(kind, 'elsewhere', rest)] }).verdict]).toEqual([kind, 'proved']);
    }
  });

  it('a debug container in a running pod', () => {
    const debug = { name: 'debug', envFrom: [{ secretRef: { name: 's' } }] };
    const spec = { automountServiceAccountToken: false, containers: [], ephemeralContainers: [debug] };
    const pod = object('v1', 'Pod', { metadata: { name: 'p', namespace: 'portarium-agents' }, spec });
    expect(prove({ objects: [...STACKS, pod] }).counterExamples.map(({ because }) => because)).toEqual([
      [{ object: 'Pod portarium-agents/p', field: 'spec.ephemeralContainers[0].envFrom[0].secretRef' }],
    ]);
  });

  it('injection by Vault and roles of a cloud provider', () => {
    const injected = changed(
      STACKS,
      BOT,
      ['spec', 'template', 'metadata', 'annotations', 'vault.hashicorp.com/agent-inject'],
      'true',
    );
    expect(prove({ objects: injected }).counterExamples.map(({ cause }) => cause)).toEqual(['vault-injection']);
    const role = changed(
      STACKS,
      named('ServiceAccount', 'sales-bot'),
      ['metadata', 'annotations', 'eks.amazonaws.com/role-arn'],
      'arn:aws:iam::1:role/x',
    );
    expect(prove({ objects: role }).counterExamples.map(({ cause }) => cause)).toEqual(['cloud-role']);
  });

  it('Secrets in the namespace, by type', () => {
    const of = (type: string, namespace = 'portarium-agents') => prove({ secrets: [{ namespace, name: 's', type }] });
    expect(of('Opaque')).toMatchObject({
      verdict: 'inconclusive',
      reasons: [expect.stringContaining('portarium-agents/s (Opaque)')],
    });
    expect(of('kubernetes.io/service-account-token').counterExamples.map(({ cause }) => cause)).toEqual(['api-token']);
    expect(of('kubernetes.io/dockerconfigjson').verdict).toBe('proved');
    expect(of('Opaque', 'elsewhere').verdict).toBe('proved');
  });

  it('what Vault gives to agents, by whoever read it', () => {
    const grant = { account: 'portarium-agents/sales-bot', policy: 'sales', path: 'secret/data/hubspot' };
    const vault = (...capabilities: string[]) =>
      prove({ vault: { source: 'ops', grants: [{ ...grant, capabilities }] } });
    expect(vault('read').counterExamples.map(({ because }) => because)).toEqual([
      [{ object: 'Vault policy sales', field: 'secret/data/hubspot' }],
    ]);
    expect(vault('update').verdict).toBe('refuted');
    expect(vault('deny').verdict).toBe('proved');
    expect(prove({ vault: { source: 'ops', grants: [] } }).verdict).toBe('proved');
  });

  it('an object that cannot be read is an error that names it', () => {
    expect(() => prove({ objects: withPod([...main, 'env'], 'x') })).toThrow(
      'Deployment portarium-agents/sales-bot: spec.template.spec.containers[0].env: expected a list',
    );
  });
});
