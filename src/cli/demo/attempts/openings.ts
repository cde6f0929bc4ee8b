import { permitted, refused, type Attempt, type Family, type Scene } from './attempt.js';
import { ACME, create, GLOBEX, networkPolicy, opening, patch, SAMPLES, tcp, type Sample } from './objects.js';

const deployer = (of: Sample) => `${of.id}-deployer` as const;
const NETWORK_POLICY = ['networking.k8s.io/v1', 'NetworkPolicy'] as const;

const enforced = ({ reached }: Scene): boolean => reached === 'enforced';
const RELAXED = 'portarium-network-relaxed';
const openedBy =
  (name: (scene: Scene) => string | undefined): Attempt['send'] =>
  (as, scene) =>
    create(opening(ACME, 'egress', name(scene)))(as, scene);

/** What opens a control is renamed, as if another Relaxation than the approved one had permitted it. */
const renamed =
  (of: Sample, control: 'egress' | 'mtls'): Attempt['send'] =>
  async (as) => {
    const [apiVersion, kind] = NETWORK_POLICY;
    const labels = `portarium.io/opens=${control}`;
    const [found] = await as.list({ apiVersion, kind, namespace: of.namespace }, { labels });
    if (found === undefined) throw new Error(`nothing opens ${control} of ${of.id}`);
    const metadata = { name: found.metadata.name, namespace: of.namespace };
    const body = { metadata: { labels: { 'portarium.io/relaxation': 'no-such-relaxation' } } };
    return patch(apiVersion, kind, metadata, body)(as);
  };

export const openings: Family = {
  title: 'openings without authority',
  attempts: [
    permitted('ws-acme-deployer', 'an opening of egress, never enforced so far', create(opening(ACME, 'egress')), {
      when: (scene) => !enforced(scene),
    }),
    refused(
      'portarium-network-opens',
      'ws-acme-deployer',
      'an opening of egress that names no Relaxation',
      create(opening(ACME, 'egress')),
      { when: enforced, says: 'which enforces egress' },
    ),
    ...SAMPLES.flatMap((sample) => [
      refused(
        'portarium-network-opens',
        deployer(sample),
        `a port that ${sample.id} has not declared`,
        create(
          networkPolicy(
            sample,
            { egress: [{ to: [{ ipBlock: { cidr: '8.8.8.0/24' } }], ports: tcp(22) }] },
            { 'portarium.io/opens': 'egress' },
          ),
        ),
      ),
      ...(['egress', 'mtls'] as const).map((control) =>
        refused(
          RELAXED,
          deployer(sample),
          `an opening of ${control} of ${sample.id} by a Relaxation that is none`,
          create(opening(sample, control, 'no-such-relaxation')),
        ),
      ),
    ]),
    refused(
      RELAXED,
      'ws-acme-deployer',
      'an opening by a Relaxation that nobody has approved',
      openedBy(({ relaxations }) => relaxations.asked['ws-acme']),
    ),
    refused(
      RELAXED,
      'ws-acme-deployer',
      'an opening by a Relaxation that has expired',
      openedBy(({ relaxations }) => relaxations.expired?.['ws-acme']),
      { when: ({ relaxations }) => relaxations.expired !== undefined, says: 'expired' },
    ),
    ...(['egress', 'mtls'] as const).flatMap((control) => [
      refused(
        RELAXED,
        'ws-acme-deployer',
        `what opens ${control} in another Relaxation’s name`,
        renamed(ACME, control),
        {
          when: ({ relaxations }) => relaxations.inForce?.controls.includes(control) ?? false,
        },
      ),
      refused(
        RELAXED,
        'ws-globex-deployer',
        `what opens ${control} of ws-globex in another Relaxation’s name`,
        renamed(GLOBEX, control),
        { when: ({ relaxations }) => relaxations.expired !== undefined },
      ),
    ]),
    permitted(
      'ws-acme-deployer',
      'an opening by the Relaxation in force',
      openedBy(({ relaxations }) => relaxations.inForce?.name),
      { when: ({ relaxations }) => relaxations.inForce !== undefined },
    ),
  ],
};
