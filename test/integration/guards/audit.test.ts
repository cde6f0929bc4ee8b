import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SidecarPart } from '../../../src/constructs/sidecars.js';
import type { KubeObject } from '../../../src/model/kube-object.js';
import type { Answer } from './api.js';
import { agentPod, dnsPod, platform } from './fixture.js';
import { create } from './cases/case.js';
import { admin, install, settled, uninstall, users } from './setup.js';

const withImage =
  (image: string) =>
  ({ initContainers, volumes }: SidecarPart): SidecarPart => ({
    initContainers: initContainers.map((each) => ({ ...each, image })),
    volumes,
  });
const SOCKET = { name: 'own', csi: { driver: 'csi.spiffe.io', readOnly: true } };

const send = (pod: KubeObject): Promise<Answer> => users['mallory']!(create(pod));

/** The guards that warned; Kubernetes itself warns of a node chosen by hand. */
const guardsOf = ({ warnings }: Answer): readonly string[] =>
  warnings.flatMap((text) => /ValidatingAdmissionPolicy 'portarium-guard-([^']+)'/.exec(text)?.[1] ?? []).sort();

beforeAll(() => install({ ...platform, guards: 'audit' }));
afterAll(uninstall);

it('what guards would refuse is admitted, with a warning from each of them', async () => {
  const careless = agentPod({
    labels: {},
    annotations: { 'k8s.v1.cni.cncf.io/networks': 'macvlan' },
    spec: { hostNetwork: true, nodeName: 'lab-node-1', hostAliases: [{ ip: '192.0.2.1', hostnames: ['crm'] }] },
  });
  const expected = ['agent-annotations', 'agent-names', 'agent-pods', 'host-access', 'node-name'];
  const answer = await settled(
    () => send(careless),
    (answer) => guardsOf(answer).length >= expected.length,
  );
  expect(answer.status).toBe(201);
  expect(guardsOf(answer)).toEqual(expected);
  expect(answer.warnings.join()).toContain('run anything else in another namespace.');
});

it.each([
  ['a pod with another sidecar', agentPod({ sidecars: withImage('registry.example.com/x:1') }), 'sidecar-agents'],
  ['SPIRE’s socket for another', dnsPod({ spec: { volumes: [SOCKET] } }), 'svid-volumes'],
])('%s is admitted, with a warning', async (_, careless, guard) => {
  const answer = await settled(
    () => send(careless),
    (answer) => guardsOf(answer).length > 0,
  );
  expect(answer.status).toBe(201);
  // Once for each container that is not as it must be.
  expect([...new Set(guardsOf(answer))]).toEqual([guard]);
});

it('what guards admit has no warning', async () => {
  expect(await send(agentPod())).toMatchObject({ status: 201, warnings: [] });
});

it('a workspace without a WorkspacePolicy loses nothing', async () => {
  const early = agentPod({
    namespace: 'g-agents-pending',
    labels: { ...agentPod().metadata.labels, 'portarium.io/workspace': 'g-pending', 'portarium.io/agent': 'early-bot' },
    account: 'early-bot',
  });
  expect(await send(early)).toMatchObject({ status: 201, warnings: [] });
});

it('the same objects turn into a refusal when the platform says deny', async () => {
  await install(platform);
  const answer = await settled(
    () => send(agentPod({ labels: {} })),
    ({ status }) => status === 403,
  );
  expect(answer.message).toMatch(/ValidatingAdmissionPolicy 'portarium-guard-agent-pods'/);
  expect((await admin(create(agentPod()))).status).toBe(201);
});
