import { Construct } from 'constructs';
import { CONTROLS, LEVELS, modesAt, rank } from '../../model/levels.js';
import { definition } from './definition.js';
import { policyDocument } from './policy-document.js';
import { dnsLabel, fields, instant, listMap, oneOf, set, sha256, text, type Rule } from './schema.js';

/** A map: the API server's cost estimate of a search in a list has no bound. */
const ranks = JSON.stringify(Object.fromEntries(LEVELS.map((level) => [level, rank(level)])));
const mode = oneOf(['shadow', 'enforce']);

/** Every control must be exactly where the reached level's preset has it. */
const presets: readonly Rule[] = CONTROLS.map((control) => {
  const enforcing = LEVELS.filter((level) => modesAt(level)[control] === 'enforce');
  return {
    rule: `(self.modes.${control} == "enforce") == (self.reachedLevel in ${JSON.stringify(enforcing)})`,
    message: `must be the preset of reachedLevel: "enforce" from ${enforcing[0]} on, else "shadow". A Relaxation loosens a control, not this object.`,
    fieldPath: `.modes.${control}`,
  };
});

const fixed = (field: string, why: string) => ({
  ...dnsLabel,
  'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: `${field} cannot be changed: ${why}.` }],
});

const spec = fields(
  {
    ...policyDocument,
    workspaceId: fixed('workspaceId', 'it is the name of this object'),
    namespace: fixed('namespace', 'identities and policies of the agents are bound to it'),
    reachedLevel: {
      ...oneOf(LEVELS),
      'x-kubernetes-validations': [
        {
          rule: `${ranks}[self] >= ${ranks}[oldSelf]`,
          message:
            'reachedLevel only rises. To go back for a while, ask for a Relaxation (enforce rollback, enforce relax).',
        },
      ],
    },
    modes: fields(Object.fromEntries(CONTROLS.map((control) => [control, mode]))),
    relaxation: fields({
      name: text({ min: 1, max: 63 }),
      controls: set(oneOf(CONTROLS), CONTROLS.length, 1),
    }),
    policyHash: sha256,
  },
  {
    optional: ['relaxation'],
    rules: presets,
  },
);

const status = fields(
  {
    observed: listMap('replica', fields({ replica: text({ min: 1, max: 253 }), hash: sha256, time: instant }), 100),
  },
  { optional: ['observed'] },
);

/**
 * The kind WorkspacePolicy: what the front obeys for one workspace, named by the workspace's id, in namespace
 * portarium-policy. Its `modes` are the preset of `reachedLevel`, and that only rises; `status.observed` says which
 * policy each replica of the front has loaded. Who may write it is up to `../admission/workspace-policy-admission.ts`.
 * Source: design, section 4.
 */
export class WorkspacePolicyDefinition extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    definition(this, 'definition', {
      kind: 'WorkspacePolicy',
      plural: 'workspacepolicies',
      description: 'What the front of the Portarium control plane obeys for one workspace.',
      spec,
      status,
      rules: [
        {
          rule: 'self.metadata.name == self.spec.workspaceId',
          message: 'metadata.name must be spec.workspaceId: there is one policy a workspace.',
        },
      ],
      columns: [
        { name: 'Level', type: 'string', jsonPath: '.spec.reachedLevel' },
        { name: 'Namespace', type: 'string', jsonPath: '.spec.namespace' },
        { name: 'Relaxation', type: 'string', jsonPath: '.spec.relaxation.name' },
        { name: 'Hash', type: 'string', jsonPath: '.spec.policyHash', priority: 1 },
      ],
    });
  }
}
