import { Construct } from 'constructs';
import { definition } from './definition.js';
import { policyDocument } from './policy-document.js';
import { dnsLabel, fields, sha256, text, userName } from './schema.js';

/**
 * The kind PolicyApproval: a person has seen what a workspace's agents may do, and why it is so, in namespace
 * portarium-policy. It never changes and is kept for good; which one counts is its label. Who may write it, and that a
 * WorkspacePolicy is deployed as approved, is up to `../admission`.
 * Source: issue 5, "Allowlists".
 */
export class PolicyApprovalDefinition extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    definition(this, 'definition', {
      kind: 'PolicyApproval',
      plural: 'policyapprovals',
      description:
        'A person’s approval of what the agents of one workspace may do, with the policy as it was approved.',
      spec: fields(
        {
          workspaceId: dnsLabel,
          policyHash: sha256,
          policy: fields(policyDocument),
          reason: text({ min: 10, max: 2000 }),
          ticket: text({ min: 1, max: 200 }),
          approvedBy: userName,
        },
        {
          rules: [
            { rule: 'self == oldSelf', message: 'an approval cannot be changed. Approve anew.' },
            {
              rule: 'self.policy.workspaceId == self.workspaceId',
              message: 'must be the workspaceId of the policy.',
              fieldPath: '.workspaceId',
            },
          ],
        },
      ),
      rules: [],
      columns: [
        { name: 'Workspace', type: 'string', jsonPath: '.spec.workspaceId' },
        { name: 'Current', type: 'string', jsonPath: '.metadata.labels.portarium\\.io/approval' },
        { name: 'Approved by', type: 'string', jsonPath: '.spec.approvedBy' },
        { name: 'Ticket', type: 'string', jsonPath: '.spec.ticket' },
        { name: 'Hash', type: 'string', jsonPath: '.spec.policyHash', priority: 1 },
      ],
    });
  }
}
