import { Construct } from 'constructs';
import { CONTROLS } from '../../model/levels.js';
import { definition } from './definition.js';
import { dnsLabel, fields, instant, oneOf, set, sha256, text, userName, type Rule, type Schema } from './schema.js';

/** What was asked for is what is approved and what is in force. */
const asked = (schema: Schema): Schema => ({
  ...schema,
  'x-kubernetes-validations': [
    {
      rule: 'self == oldSelf',
      message: 'cannot be changed after the request. End this Relaxation and ask for another.',
    },
  ],
});

/** Of an optional field. Comparing optionals would be shorter, but the API server's estimate of its cost has no bound. */
const unchanged = (field: string): string =>
  `has(self.${field}) == has(oldSelf.${field}) && (!has(self.${field}) || self.${field} == oldSelf.${field})`;

const rules: readonly Rule[] = [
  {
    rule: 'self.state == "requested" ? !has(self.approvedBy) : self.state == "ended" || has(self.approvedBy)',
    message: 'approvedBy is set together with state "approved", not before.',
    fieldPath: '.approvedBy',
  },
  {
    rule: '!has(self.approvedBy) || self.approvedBy != self.requestedBy',
    message: 'the approver must be another person than the requester.',
    fieldPath: '.approvedBy',
  },
  {
    rule: '(self.state == "ended") == has(self.endedBy) && (self.state == "ended" || !has(self.endedAt))',
    message: 'endedBy (and endedAt) are set together with state "ended", not before.',
    fieldPath: '.endedBy',
  },
  {
    rule: `(oldSelf.state == "requested" && self.state == "approved") || ${unchanged('approvedBy')}`,
    message: 'approvedBy cannot be changed.',
    fieldPath: '.approvedBy',
  },
  {
    rule: `oldSelf.state != "ended" || (${unchanged('endedBy')} && ${unchanged('endedAt')})`,
    message: 'an ended Relaxation cannot be changed.',
    fieldPath: '.endedBy',
  },
];

const state: Schema = {
  ...oneOf(['requested', 'approved', 'ended']),
  'x-kubernetes-validations': [
    {
      rule: 'self == oldSelf || self == "ended" || (oldSelf == "requested" && self == "approved")',
      message: 'goes from requested to approved and from either to ended, never back. Ask for another Relaxation.',
    },
  ],
};

/**
 * The kind Relaxation: the authority to leave controls of one workspace in shadow for a while, in namespace
 * portarium-policy. What was asked for never changes; the state goes from requested to approved to ended. It is kept
 * after it has ended. Who may do what, and for how long, is up to `../admission/relaxation-admission.ts`.
 * Source: design, section 2.
 */
export class RelaxationDefinition extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    definition(this, 'definition', {
      kind: 'Relaxation',
      plural: 'relaxations',
      description: 'The authority to leave controls of one workspace in shadow until it expires or is ended.',
      spec: fields(
        {
          workspaceId: asked(dnsLabel),
          controls: asked(set(oneOf(CONTROLS), CONTROLS.length, 1)),
          planHash: asked(sha256),
          reason: asked(text({ min: 10, max: 2000 })),
          ticket: asked(text({ min: 1, max: 200 })),
          requestedBy: asked(userName),
          expiresAt: asked(instant),
          state,
          approvedBy: userName,
          endedBy: userName,
          endedAt: instant,
        },
        { optional: ['approvedBy', 'endedBy', 'endedAt'], rules },
      ),
      rules: [
        {
          rule: 'self.metadata.name.size() <= 63',
          message:
            'metadata.name must have 63 characters at most: it is the value of a label on what the Relaxation opens.',
        },
      ],
      columns: [
        { name: 'Workspace', type: 'string', jsonPath: '.spec.workspaceId' },
        { name: 'Controls', type: 'string', jsonPath: '.spec.controls' },
        { name: 'State', type: 'string', jsonPath: '.spec.state' },
        { name: 'Expires', type: 'string', jsonPath: '.spec.expiresAt' },
        { name: 'Requested by', type: 'string', jsonPath: '.spec.requestedBy', priority: 1 },
        { name: 'Approved by', type: 'string', jsonPath: '.spec.approvedBy', priority: 1 },
        { name: 'Ticket', type: 'string', jsonPath: '.spec.ticket', priority: 1 },
      ],
    });
  }
}
