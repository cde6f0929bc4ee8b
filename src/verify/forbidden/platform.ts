import { HELD_DEFINITIONS } from '../../constructs/admission/network-definitions-kept.js';
import { sidecarsFor } from '../../constructs/sidecars.js';
import { COMPONENTS } from '../../model/edges.js';
import { API_GROUP, API_VERSION, GROUPS, LABELS, NAMESPACES, ONBOARDING } from '../../model/names.js';
import type { Platform } from '../../model/platform.js';
import { SPIRE_ACCOUNTS, SPIRE_GROUP, SPIRE_SOCKETS } from '../../model/spire.js';
import { pod, registration, strayModel, workload, type Labels } from './candidates.js';
import {
  askToken,
  CANDIDATE,
  create,
  guard,
  nobody,
  others,
  patch,
  refOf,
  remove,
  Unsendable,
  type ForbiddenRequest,
} from './request.js';

const component = (name: string): Labels => ({ [LABELS.component]: name });

/** What is forbidden in the platform's namespaces and of its objects. */
export function forbiddenInPlatform(platform: Platform): readonly ForbiddenRequest[] {
  return [...forbiddenPods(platform), ...forbiddenObjects()];
}

function forbiddenPods(platform: Platform): readonly ForbiddenRequest[] {
  const { apiServer, worker } = COMPONENTS;
  const { controlPlane, spire } = NAMESPACES;
  const front = component(apiServer.name);
  const socket = { name: 'own', csi: { driver: SPIRE_SOCKETS.csiDriver, readOnly: true } };
  return [
    nobody(
      'peer-labels',
      'the api-server’s label under another account',
      create(pod({ namespace: controlPlane, labels: front, spec: { ...sidecarsFor(platform, controlPlane, front) } })),
    ),
    nobody(
      'sidecar-front',
      'an api-server without its sidecars',
      create(pod({ namespace: controlPlane, account: apiServer.name, labels: front })),
    ),
    nobody(
      'sidecar-workers',
      'a worker without its sidecar',
      create(pod({ namespace: worker.namespace, account: worker.name, labels: component(worker.name) })),
    ),
    nobody(
      'svid-volumes',
      'SPIRE’s socket in a pod without a sidecar',
      create(pod({ namespace: controlPlane, spec: { volumes: [socket] } })),
    ),
    nobody(
      'platform-annotations',
      'a second network beside the control plane',
      create(pod({ namespace: controlPlane, annotations: { 'k8s.v1.cni.cncf.io/networks': 'another' } })),
    ),
    nobody('spire-pods', 'a pod beside SPIRE’s agents', create(pod({ namespace: spire }))),
    others(
      guard('spire-workloads'),
      'a DaemonSet beside SPIRE’s agents',
      create(workload('DaemonSet', spire, {}, pod({ namespace: spire, account: SPIRE_ACCOUNTS.agent })['spec'])),
    ),
    nobody('spire-tokens', 'a token of SPIRE’s agent', askToken(spire, SPIRE_ACCOUNTS.agent)),
    others(
      guard('node-proxy'),
      'a program run in any pod of a node',
      (cluster) => cluster.subresource('GET', refOf('v1', 'Node', CANDIDATE), 'proxy/run/default/any/main'),
      { letIn: 404 },
    ),
  ];
}

function forbiddenObjects(): readonly ForbiddenRequest[] {
  const { policy } = NAMESPACES;
  const { worker } = COMPONENTS;
  return [
    others(
      'portarium-definitions-kept',
      'the CRD of WorkspacePolicies deleted',
      remove(refOf('apiextensions.k8s.io/v1', 'CustomResourceDefinition', `workspacepolicies.${API_GROUP}`)),
    ),
    others('portarium-network-definitions-kept', 'the CRD of a kind of policy deleted', async (cluster) => {
      for (const name of HELD_DEFINITIONS.toReversed()) {
        const definition = refOf('apiextensions.k8s.io/v1', 'CustomResourceDefinition', name);
        if ((await cluster.tryGet(definition)) !== undefined) return remove(definition)(cluster);
      }
      throw new Unsendable('none of the CRDs that it holds is there');
    }),
    others(
      'portarium-policy-namespace-kept',
      'the namespace of every reached level deleted',
      remove(refOf('v1', 'Namespace', policy)),
      { as: { groups: [GROUPS.platformDeployers] } },
    ),
    others(
      'portarium-spire-registrations',
      'a registration of any SPIFFE ID',
      create({
        ...registration({ spiffeIDTemplate: `spiffe://any/ns/${worker.namespace}/sa/${worker.name}` }),
        apiVersion: `${SPIRE_GROUP}/v1alpha1`,
      }),
    ),
    others(
      'portarium-onboarding',
      'the list of workspaces to be onboarded changed',
      patch(refOf(API_VERSION, 'Onboarding', ONBOARDING, policy), { metadata: { annotations: { note: 'x' } } }),
    ),
    others('portarium-authorizationmodel-write', 'an authorization model of somebody’s own', create(strayModel())),
  ];
}
