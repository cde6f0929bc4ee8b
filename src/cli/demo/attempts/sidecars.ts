import type { SidecarPart } from '../../../constructs/sidecars.js';
import { permitted, refused, type Attempt, type Family, type Scene } from './attempt.js';
import { ACME, agentPod, create, dnsPod, patch, pod, RESTRICTED } from './objects.js';

const guard = (name: string): string => `portarium-guard-${name}`;
const CONTROL_PLANE = 'portarium-control-plane';
const EXECUTION = 'portarium-execution';

type Change = (rendered: SidecarPart) => SidecarPart;
const component = (namespace: string, name: string) =>
  pod({ namespace, account: name, labels: { 'portarium.io/component': name } });
const apiServer = component(CONTROL_PLANE, 'api-server');
const worker = component(EXECUTION, 'worker');

/** The sidecars with other fields in the one of that name. */
const container =
  (name: string, fields: object): Change =>
  ({ initContainers, volumes }) => ({
    initContainers: initContainers.map((each) => (each['name'] === name ? { ...each, ...fields } : each)),
    volumes,
  });
/** The sidecars with a volume of that name from elsewhere. */
const volume =
  (name: string, source: object): Change =>
  ({ initContainers, volumes }) => ({
    initContainers,
    volumes: volumes.map((each) => (each['name'] === name ? { name, ...source } : each)),
  });
const without =
  (name: string): Change =>
  ({ initContainers, volumes }) => ({
    initContainers: initContainers.filter((each) => each['name'] !== name),
    volumes,
  });

const own = { name: 'own', image: 'registry.example.com/own:1', securityContext: RESTRICTED };
const socket = { name: 'own', csi: { driver: 'csi.spiffe.io', readOnly: true } };
const main = (mount: string) => [{ ...own, volumeMounts: [{ name: mount, mountPath: '/mnt' }] }];
const hook = { lifecycle: { postStart: { exec: { command: ['/bin/sh'] } } } };

/** Another image for a container of a running sales-bot, as `kubectl set image` sets it. */
const setImage =
  (list: 'containers' | 'initContainers'): Attempt['send'] =>
  async (as, { pods }: Scene) => {
    const ref = { apiVersion: 'v1', kind: 'Pod', metadata: { name: pods.agent, namespace: ACME.namespace } };
    const { spec } = (await as.get(ref)) as unknown as { spec: Record<typeof list, readonly object[]> };
    const changed = spec[list].map((each) => ({ ...each, image: own.image }));
    return as.mergePatch(ref, { spec: { [list]: changed } }, { dryRun: true });
  };

const files = (namespace: string, name: string, body: Record<string, unknown>) =>
  patch('v1', 'ConfigMap', { name, namespace }, body);
const envoy = { data: { 'envoy.json': '{}' } };
const note = { metadata: { annotations: { note: 'x' } } };

const AGENTS = guard('sidecar-agents');
const FRONT = guard('sidecar-front');
const FILES = guard('sidecar-files');

export const sidecars: Family = {
  title: 'sidecars, and who may ask for an SVID',
  attempts: [
    permitted(
      'mallory',
      'sales-bot with an init container of its own after the sidecar',
      create(agentPod({ spec: { initContainers: [own] } })),
    ),
    refused(AGENTS, 'mallory', 'sales-bot without its sidecar', create(agentPod(), without('envoy'))),
    refused(AGENTS, 'mallory', 'sales-bot without its start gate', create(agentPod(), without('start-gate'))),
    refused(
      AGENTS,
      'mallory',
      'something that starts before the sidecar',
      create(agentPod(), ({ initContainers, volumes }) => ({ initContainers: [own, ...initContainers], volumes })),
    ),
    refused(AGENTS, 'mallory', 'another program as the sidecar', create(agentPod(), container('envoy', own))),
    refused(
      AGENTS,
      'mallory',
      'a shell in the sidecar',
      create(agentPod(), container('envoy', { command: ['/bin/sh'] })),
    ),
    refused(
      AGENTS,
      'mallory',
      'the files of another agent’s sidecar',
      create(agentPod(), volume('envoy-config', { configMap: { name: 'report-reader-envoy' } })),
    ),
    refused(
      AGENTS,
      'mallory',
      'sales-bot at SPIRE’s socket',
      create(agentPod({ spec: { containers: main('spire') } })),
    ),
    refused(
      AGENTS,
      'mallory',
      'sales-bot at SPIRE’s socket by a volume of its own',
      create(agentPod({ spec: { containers: main('own'), volumes: [socket] } })),
    ),
    refused(
      'PodSecurity',
      'mallory',
      'sales-bot at the node’s SPIRE sockets',
      create(agentPod({ spec: { volumes: [{ name: 'own', hostPath: { path: '/run/spire' } }] } })),
    ),
    permitted('mallory', 'another image for the agent in a running sales-bot', setImage('containers')),
    refused(AGENTS, 'mallory', 'another image for the sidecar of a running sales-bot', setImage('initContainers')),
    permitted('mallory', 'a worker with its sidecar', create(worker)),
    refused(
      guard('sidecar-workers'),
      'mallory',
      'a command beside the worker’s sidecar',
      create(worker, container('envoy', hook)),
    ),
    permitted('mallory', 'the api-server with its sidecars', create(apiServer)),
    refused(FRONT, 'mallory', 'the api-server without an authorizer', create(apiServer, without('authorizer'))),
    refused(
      FRONT,
      'mallory',
      'an authorizer with a program of hers',
      create(apiServer, container('authorizer', { env: [{ name: 'NODE_OPTIONS', value: '--require=/mine.js' }] })),
    ),
    refused(
      FRONT,
      'mallory',
      'an authorizer with policies of hers',
      create(apiServer, volume('authorizer-config', { configMap: { name: 'mine' } })),
    ),
    permitted(
      'mallory',
      'SPIRE’s socket elsewhere',
      create(pod({ namespace: 'default', spec: { volumes: [socket] } })),
    ),
    ...[
      dnsPod({ volumes: [socket] }),
      ...[CONTROL_PLANE, EXECUTION, 'portarium-observability'].map((namespace) =>
        pod({ namespace, spec: { volumes: [socket] } }),
      ),
    ].map((object) =>
      refused(
        guard('svid-volumes'),
        'mallory',
        `SPIRE’s socket in a pod of ${object.metadata.namespace} that has no sidecar`,
        create(object),
      ),
    ),
    permitted(
      'ws-acme-deployer',
      'a note on the files of sales-bot’s sidecar',
      files(ACME.namespace, 'sales-bot-envoy', note),
    ),
    refused(FILES, 'mallory', 'other files for sales-bot’s sidecar', files(ACME.namespace, 'sales-bot-envoy', envoy)),
    permitted('platform-deployer', 'a note on the front’s files', files(CONTROL_PLANE, 'api-server-envoy', note)),
    refused(FILES, 'mallory', 'a front that asks nobody', files(CONTROL_PLANE, 'api-server-envoy', envoy)),
    refused(FILES, 'mallory', 'another authorizer’s settings', files(CONTROL_PLANE, 'api-server-authorizer', envoy)),
  ],
};
