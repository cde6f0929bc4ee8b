import { permitted, refused, type Family, type Scene } from './attempt.js';
import {
  ACME,
  ciliumFrontOpening,
  create,
  frontOpening,
  GLOBEX,
  patch,
  pods,
  remove,
  SAMPLES,
  tcp,
} from './objects.js';

const OWNER = 'portarium-network-front';
const SHAPE = 'portarium-network-front-shape';
const CILIUM = 'portarium-cilium-front-shape';
const API_SERVER = [
  'networking.k8s.io/v1',
  'NetworkPolicy',
  {
    name: 'api-server-allow',
    namespace: 'portarium-control-plane',
  },
] as const;

const enforcesMtls = ({ reached }: Scene): boolean => reached !== 'routing' && reached !== 'authz';
const relaxesMtls = ({ relaxations }: Scene): boolean => relaxations.inForce?.controls.includes('mtls') ?? false;
const globexAgents = pods(GLOBEX.namespace, { 'portarium.io/role': 'agent', 'portarium.io/workspace': GLOBEX.id });

/** What must be refused whatever ws-acme has reached is tried by ws-globex, which stays at routing. */
export const front: Family = {
  title: 'what workspaces open beside the control plane',
  attempts: [
    permitted('ws-globex-deployer', 'the front’s bearer listener for its own agents', create(frontOpening(GLOBEX))),
    permitted('ws-globex-deployer', 'the same for Cilium', create(ciliumFrontOpening(GLOBEX))),
    refused(OWNER, 'ws-acme-deployer', 'the listener for ws-globex', create(frontOpening(GLOBEX))),
    refused('portarium-network-platform', 'mallory', 'the listener for ws-globex', create(frontOpening(GLOBEX))),
    refused(
      OWNER,
      'ws-acme-deployer',
      'the platform’s own policy for the front changed',
      patch(...API_SERVER, { spec: { ingress: [] } }),
    ),
    refused(OWNER, 'ws-acme-deployer', 'the platform’s own policy for the front deleted', remove(...API_SERVER)),
    refused(
      SHAPE,
      'ws-globex-deployer',
      'another port of the front',
      create(frontOpening(GLOBEX, { ingress: [{ from: [globexAgents], ports: tcp(8080) }] })),
    ),
    refused(
      SHAPE,
      'ws-globex-deployer',
      'the listener for the agents of ws-acme',
      create(
        frontOpening(GLOBEX, {
          ingress: [{ from: [pods(ACME.namespace, { 'portarium.io/role': 'agent' })], ports: tcp(443, 8444) }],
        }),
      ),
    ),
    refused(
      SHAPE,
      'ws-globex-deployer',
      'the same port of OpenFGA',
      create(frontOpening(GLOBEX, { podSelector: { matchLabels: { 'portarium.io/component': 'openfga' } } })),
    ),
    refused(
      SHAPE,
      'ws-globex-deployer',
      'a way out for the front',
      create(frontOpening(GLOBEX, { egress: [{ to: [globexAgents], ports: tcp(443) }] })),
    ),
    refused(
      CILIUM,
      'ws-globex-deployer',
      'the listener for the world',
      create(
        ciliumFrontOpening(GLOBEX, {
          ingress: [{ fromEntities: ['world'], toPorts: [{ ports: [{ port: '8444', protocol: 'TCP' }] }] }],
        }),
      ),
    ),
    refused(
      CILIUM,
      'ws-globex-deployer',
      'a denial that shuts the front for everybody',
      create(ciliumFrontOpening(GLOBEX, { ingressDeny: [{ fromEntities: ['all'] }] })),
    ),
    permitted('ws-acme-deployer', 'the listener, mtls never enforced so far', create(frontOpening(ACME)), {
      when: (scene) => !enforcesMtls(scene),
    }),
    refused(
      'portarium-network-opens',
      'ws-acme-deployer',
      'the listener without a Relaxation',
      create(frontOpening(ACME)),
      { when: enforcesMtls, says: 'which enforces mtls' },
    ),
    ...SAMPLES.map((sample) =>
      refused(
        'portarium-network-relaxed',
        `${sample.id}-deployer`,
        'the listener by a Relaxation that is none',
        create(frontOpening(sample, {}, 'no-such-relaxation')),
      ),
    ),
    permitted(
      'ws-acme-deployer',
      'the listener by the Relaxation in force',
      (as, scene) => create(frontOpening(ACME, {}, scene.relaxations.inForce?.name))(as, scene),
      { when: relaxesMtls },
    ),
  ],
};
