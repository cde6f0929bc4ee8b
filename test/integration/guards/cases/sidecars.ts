import type { SidecarPart } from '../../../../src/constructs/sidecars.js';
import type { KubeObject } from '../../../../src/model/kube-object.js';
import { LABELS, NAMESPACES } from '../../../../src/model/names.js';
import { START_GATE } from '../../../../src/constructs/start-gate.js';
import { agentPod, dnsPod, OUTSIDE, pod, UNPRIVILEGED, type PodOptions } from '../fixture.js';
import { create, patch, pathOf, type Attempt, type Case } from './case.js';

type Fields = Readonly<Record<string, unknown>>;
type Make = (changes?: Partial<PodOptions>) => KubeObject;

export const frontPod: Make = (changes = {}) =>
  pod({
    namespace: NAMESPACES.controlPlane,
    labels: { [LABELS.component]: 'api-server' },
    account: 'api-server',
    ...changes,
  });
export const workerPod: Make = (changes = {}) =>
  pod({ namespace: NAMESPACES.execution, labels: { [LABELS.component]: 'worker' }, account: 'worker', ...changes });

/** Changes in one of the init containers, by place. */
const container =
  (index: number, change: (container: Fields) => Fields) =>
  ({ initContainers, volumes }: SidecarPart): SidecarPart => ({
    initContainers: initContainers.map((each, at) => (at === index ? { ...each, ...change(each) } : each)),
    volumes,
  });
/** Changes in one of the volumes, by name. */
const volume =
  (name: string, change: (volume: Fields) => Fields) =>
  ({ initContainers, volumes }: SidecarPart): SidecarPart => ({
    initContainers,
    volumes: volumes.map((each) => (each['name'] === name ? { name, ...change(each) } : each)),
  });
const listOf = (fields: Fields, key: string): readonly Fields[] => (fields[key] ?? []) as readonly Fields[];
const mounts = (of: Fields): readonly Fields[] => listOf(of, 'volumeMounts');

/** What nobody asks for, and does no harm. */
const HARMLESS = (): Fields => ({ imagePullPolicy: 'Always', resources: {}, startupProbe: undefined });
const claimed = (): Fields => ({ persistentVolumeClaim: { claimName: 'mine' } });
const ephemeral = (): Fields => ({
  ephemeral: {
    volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } } },
  },
});
/** With another only container. */
const only = (container: Fields): Partial<PodOptions> => ({ container });
const mounting = (name: string) => ({ container: { volumeMounts: [{ name, mountPath: '/mnt' }] } });
const namesOf = ({ spec }: KubeObject): readonly string[] =>
  listOf(spec as Fields, 'volumes').map((each) => each['name'] as string);
const exec = { exec: { command: ['/bin/sh', '-c', 'true'] } };
const env = [{ name: 'LD_PRELOAD', value: '/tmp/own.so' }];

/** The changes that each refusal of a pinned container is for, with a change that does no harm. */
const changes: Readonly<Record<'place' | 'program' | 'given', readonly (readonly [string, (of: Fields) => Fields])[]>> =
  {
    place: [['under another name', () => ({ name: 'proxy' })]],
    program: [
      ['with another image', () => ({ image: 'registry.example.com/mine:1' })],
      ['with another command', () => ({ command: ['/bin/sh'] })],
      ['without a command, so that the image decides', () => ({ command: undefined })],
      ['with one more argument', (of) => ({ args: [...(of['args'] as string[]), '--config-yaml', '{}'] })],
      ['with fewer arguments', (of) => ({ args: (of['args'] as string[]).slice(0, -1) })],
      ['in another folder', () => ({ workingDir: '/tmp' })],
      ['that runs once', () => ({ restartPolicy: undefined, ...withoutProbes })],
    ],
    given: [
      ['with a variable', () => ({ env })],
      ['with variables of a ConfigMap', () => ({ envFrom: [{ configMapRef: { name: 'mine' } }] })],
      ['with a hook', () => ({ lifecycle: { postStart: exec } })],
      ['with a hook at its end', () => ({ lifecycle: { preStop: { sleep: { seconds: 1 } } } })],
      ['with a start probe that runs something', () => ({ startupProbe: exec })],
      ['with a liveness probe that runs something', () => ({ livenessProbe: exec })],
      ['with a readiness probe that runs something', () => ({ readinessProbe: exec })],
      ['without its first mount', (of) => ({ volumeMounts: mounts(of).slice(1) })],
      ['with its first mount elsewhere', (of) => firstMount(of, { mountPath: '/mnt' })],
      ['with its first mount to write to', (of) => firstMount(of, { readOnly: false })],
      ['with a part of a volume', (of) => firstMount(of, { subPath: 'a' })],
      ['with a part of a volume by its name', (of) => firstMount(of, { subPathExpr: 'a' })],
    ],
  };
const withoutProbes = { startupProbe: undefined, livenessProbe: undefined, readinessProbe: undefined };
const firstMount = (of: Fields, change: Fields): Fields => ({
  volumeMounts: mounts(of).map((mount, index) => (index === 0 ? { ...mount, ...change } : mount)),
});

interface Held {
  readonly guard: string;
  readonly make: Make;
  readonly containers: readonly string[];
}
const HELD: readonly Held[] = [
  { guard: 'sidecar-agents', make: agentPod, containers: ['envoy', START_GATE] },
  { guard: 'sidecar-workers', make: workerPod, containers: ['envoy'] },
  { guard: 'sidecar-front', make: frontPod, containers: ['envoy', 'authorizer'] },
];

/** The gate has no mounts, and of what runs once the API server itself refuses hooks and probes. */
const { place, program, given } = changes;
const gateChanges: typeof changes = {
  place,
  program: [...program.slice(0, -1), ['that goes on running', () => ({ restartPolicy: 'Always' })]],
  given: [
    ...given.slice(0, 2),
    ['with a mount', () => ({ volumeMounts: [{ name: 'envoy-config', mountPath: '/mnt', readOnly: true }] })],
  ],
};

const containerCases = HELD.flatMap(({ guard, make, containers }) =>
  containers.flatMap((name, index) =>
    Object.values(name === START_GATE ? gateChanges : changes).flatMap((ofRefusal, refusal) =>
      ofRefusal.map(([what, change]): Case => ({
        guard,
        refusal: 3 * index + refusal,
        what: `${name} ${what}`,
        refused: create(make({ sidecars: container(index, change) })),
        permitted: create(make({ sidecars: container(index, HARMLESS) })),
      })),
    ),
  ),
);

const before: Fields = { name: 'before', image: 'registry.example.com/before:1', ...UNPRIVILEGED };
const placeCases = HELD.flatMap(({ guard, make, containers }): readonly Case[] => [
  {
    guard,
    refusal: 0,
    what: 'no sidecar',
    refused: create(make({ sidecars: () => ({ initContainers: [], volumes: [] }) })),
    permitted: create(make()),
  },
  {
    guard,
    refusal: 0,
    what: 'an init container before the sidecar',
    refused: create(make({ sidecars: (held) => ({ ...held, initContainers: [before, ...held.initContainers] }) })),
    permitted: create(make({ spec: { initContainers: [before] } })),
  },
  {
    guard,
    refusal: 0,
    what: 'the sidecar among the other containers',
    refused: create(make({ ...only({ name: 'envoy' }), sidecars: () => ({ initContainers: [], volumes: [] }) })),
    permitted: create(make(only({ name: 'proxy' }))),
  },
  ...containers.slice(1).map((second): Case => ({
    guard,
    refusal: 0,
    what: `${second} before envoy`,
    refused: create(make({ sidecars: (held) => ({ ...held, initContainers: held.initContainers.toReversed() }) })),
    permitted: create(make()),
  })),
]);

/** Where the refusals of volumes begin, after three for each container. */
const own = ({ guard, containers }: Held, refusal: 0 | 1 | 2) => ({ guard, refusal: 3 * containers.length + refusal });
const token = (change: (sources: readonly Fields[]) => readonly Fields[]) =>
  volume('authorizer-token', ({ projected }) => ({
    projected: { sources: change(listOf(projected as Fields, 'sources')) },
  }));

const [agents, , front] = HELD as readonly [Held, Held, Held];
const sources: readonly (readonly [Held, string, (held: SidecarPart) => SidecarPart])[] = [
  ...HELD.flatMap((held): (readonly [Held, string, (held: SidecarPart) => SidecarPart])[] => [
    [held, 'files of another ConfigMap', volume('envoy-config', () => ({ configMap: { name: 'mine' } }))],
    [
      held,
      'files of a ConfigMap under other names',
      volume('envoy-config', ({ configMap }) => ({
        configMap: { ...(configMap as Fields), items: [{ key: 'mine', path: 'envoy.json' }] },
      })),
    ],
    [held, 'files of nobody', volume('envoy-config', () => ({ emptyDir: {} }))],
    [held, 'a shared folder for the admin interface', volume('envoy-run', () => ({ secret: { secretName: 'mine' } }))],
    [held, 'a claimed volume for the admin interface', volume('envoy-run', claimed)],
    [held, 'an ephemeral volume for the admin interface', volume('envoy-run', ephemeral)],
    [held, 'a projected volume for the admin interface', volume('envoy-run', () => ({ projected: { sources: [] } }))],
    [
      held,
      'another driver for SPIRE’s socket',
      volume('spire', () => ({ csi: { driver: 'secrets-store.csi.k8s.io' } })),
    ],
    [
      held,
      'SPIRE’s socket to write to',
      volume('spire', ({ csi }) => ({ csi: { ...(csi as Fields), readOnly: false } })),
    ],
    [
      held,
      'SPIRE’s socket with attributes',
      volume('spire', ({ csi }) => ({ csi: { ...(csi as Fields), volumeAttributes: { a: 'b' } } })),
    ],
    [held, 'a folder instead of SPIRE’s socket', volume('spire', () => ({ emptyDir: {} }))],
  ]),
  [agents, 'files of another agent', volume('envoy-config', () => ({ configMap: { name: 'report-reader-envoy' } }))],
  [front, 'another certificate', volume('envoy-tls', () => ({ secret: { secretName: 'mine' } }))],
  [
    front,
    'another key of the certificate’s Secret',
    volume('envoy-tls', ({ secret }) => ({
      secret: { ...(secret as Fields), items: [{ key: 'mine', path: 'tls.crt' }] },
    })),
  ],
  [front, 'settings of another ConfigMap', volume('authorizer-config', () => ({ configMap: { name: 'mine' } }))],
  [front, 'a claimed volume for the authorizer’s socket', volume('authorizer-run', claimed)],
  [
    front,
    'a token for another audience',
    token((of) => [{ serviceAccountToken: { path: 'token', audience: 'mine' } }, ...of.slice(1)]),
  ],
  [
    front,
    'the authority of another API server',
    token((of) => [of[0]!, { configMap: { name: 'mine', items: [{ key: 'ca.crt', path: 'ca.crt' }] } }, of[2]!]),
  ],
  [
    front,
    'another authority in the same ConfigMap',
    token((of) => [
      of[0]!,
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'mine', path: 'ca.crt' }] } },
      of[2]!,
    ]),
  ],
  [front, 'one more source', token((of) => [...of, { secret: { name: 'mine' } }])],
  [front, 'no token', token((of) => of.slice(1))],
];

const volumeCases: readonly Case[] = [
  ...sources.map(([held, what, change]): Case => ({
    ...own(held, 0),
    what,
    refused: create(held.make({ sidecars: change })),
    permitted: create(held.make({ spec: { volumes: [{ name: 'own', emptyDir: {} }] } })),
  })),
  ...HELD.flatMap((held) =>
    namesOf(held.make()).flatMap((name): readonly Case[] => [
      {
        ...own(held, 1),
        what: `${name} in the application`,
        refused: create(held.make(mounting(name))),
        permitted: create(held.make({ ...mounting('own'), spec: { volumes: [{ name: 'own', emptyDir: {} }] } })),
      },
      {
        ...own(held, 1),
        what: `${name} in another init container`,
        refused: create(held.make({ spec: { initContainers: [{ ...before, ...mounting(name).container }] } })),
        permitted: create(held.make({ spec: { initContainers: [before] } })),
      },
    ]),
  ),
  ...HELD.map((held): Case => ({
    ...own(held, 2),
    what: 'SPIRE’s socket by another volume',
    refused: create(held.make({ spec: { volumes: [{ name: 'own', csi: { driver: 'csi.spiffe.io' } }] } })),
    permitted: create(held.make({ spec: { volumes: [{ name: 'own', csi: { driver: 'secrets-store.csi.k8s.io' } }] } })),
  })),
];

/** Changes the image of a container of a running pod, as `kubectl set image` does. */
const setImage = (
  namespace: string,
  name: string,
  of: 'containers' | 'initContainers',
  container: string,
): Attempt => ({
  ...patch(pathOf('Pod', namespace, name), {
    spec: { [of]: [{ name: container, image: 'registry.example.com/x:2' }] },
  }),
  type: 'application/strategic-merge-patch+json',
});

const runningCases = (
  [
    ['sidecar-agents', 'g-agents', 'envoy', 1],
    ['sidecar-workers', NAMESPACES.execution, 'envoy', 1],
    ['sidecar-front', NAMESPACES.controlPlane, 'envoy', 1],
    ['sidecar-front', NAMESPACES.controlPlane, 'authorizer', 4],
  ] as const
).map(([guard, namespace, name, refusal]): Case => ({
  guard,
  refusal,
  what: `another image for ${name} in a running pod`,
  refused: setImage(namespace, 'with-sidecar', 'initContainers', name),
  permitted: setImage(namespace, 'with-sidecar', 'containers', 'main'),
}));

const socket = { volumes: [{ name: 'own', csi: { driver: 'csi.spiffe.io', readOnly: true } }] };
const folder = { volumes: [{ name: 'own', emptyDir: {} }] };
const svidCases = (
  [
    ['the DNS server', dnsPod],
    ...[NAMESPACES.controlPlane, NAMESPACES.execution, NAMESPACES.observability, NAMESPACES.policy].map(
      (namespace) =>
        [`a pod without labels in ${namespace}`, (of: Partial<PodOptions>) => pod({ namespace, ...of })] as const,
    ),
    [
      'the collector',
      (of: Partial<PodOptions>) =>
        pod({
          namespace: NAMESPACES.observability,
          labels: { [LABELS.component]: 'otel-collector' },
          account: 'otel-collector',
          ...of,
        }),
    ],
  ] as const
).flatMap(([who, make]): readonly Case[] => [
  {
    guard: 'svid-volumes',
    refusal: 0,
    what: `SPIRE’s socket for ${who}`,
    refused: create(make({ spec: socket })),
    permitted: create(make({ spec: folder })),
  },
]);

export const sidecarCases: readonly Case[] = [
  ...placeCases,
  ...containerCases,
  ...volumeCases,
  ...runningCases,
  ...svidCases,
  {
    guard: 'svid-volumes',
    refusal: 0,
    what: 'SPIRE’s socket beside the control plane, which elsewhere is nobody’s',
    refused: create(pod({ namespace: NAMESPACES.controlPlane, spec: socket })),
    permitted: create(pod({ namespace: OUTSIDE, spec: socket })),
  },
];
