import { Construct } from 'constructs';
import { LEVELS } from '../../model/levels.js';
import { API_GROUP, GROUPS, LABELS } from '../../model/names.js';
import { policyDocument } from '../custom-resources/policy-document.js';
import { literal } from '../guards/cel.js';
import { AdmissionPolicy, type AdmissionProps } from './admission-policy.js';
import { approvalLabels } from './approval-labels.js';

/** Everything that an approval is of, and the hash of it. */
const FIELDS = [...Object.keys(policyDocument), 'policyHash'];

/** A field may be absent from what an older version wrote. */
const differs = (field: string): string => `object.spec.?${field} != oldObject.spec.?${field}`;
/** The two kinds’ lists are of different types to the API server’s checker, whatever they hold. */
const asApproved = (field: string): string => `dyn(object.spec.${field}) == dyn(params.spec.policy.${field})`;

const differing = `[${Object.keys(policyDocument)
  .map((field) => `(${asApproved(field)}) ? "" : ${literal(field)}`)
  .join(', ')}].filter(field, field != "").join(", ")`;

const oldHash = 'request.operation == "CREATE" ? "nothing" : oldObject.spec.policyHash';

/**
 * Above `routing`, what a workspace's agents may do is what a person of the allowlist's admins has approved, field by
 * field: a rise from `routing` and every change above it needs the current PolicyApproval to be of exactly this policy,
 * and somebody else to deploy it. The hash alone would not do, since admission cannot compute one. Who approved what and
 * why goes into the audit log with the change.
 * Makes `portarium-workspacepolicy-approved` with a binding per workspace. Without an approval the API server refuses
 * before it looks at conditions, so then nothing of the policy can be changed.
 * Source: issue 5, "Allowlists".
 */
export class WorkspacePolicyApproved extends Construct {
  constructor(scope: Construct, id: string, { platform }: AdmissionProps) {
    super(scope, id);
    new AdmissionPolicy(this, 'admission', {
      name: 'portarium-workspacepolicy-approved',
      requests: [
        { group: API_GROUP, version: 'v1alpha1', operations: ['CREATE', 'UPDATE'], resources: ['workspacepolicies'] },
      ],
      paramKind: 'PolicyApproval',
      bindings: platform.workspaces.map(({ id: workspace }) => ({
        suffix: workspace,
        names: [workspace],
        // At routing nothing of it is enforced, and its first deployment needs no approval.
        labels: [{ key: LABELS.level, operator: 'In', values: LEVELS.filter((level) => level !== 'routing') }],
        param: { labels: approvalLabels(workspace) },
      })),
      conditions: {
        'rises-or-changes': [
          'request.operation == "CREATE"',
          'oldObject.spec.reachedLevel == "routing"',
          ...FIELDS.map(differs),
        ].join(' || '),
      },
      refusals: [
        {
          expression: 'object.spec.policyHash == params.spec.policyHash',
          message: `What agents may do changes only as a member of ${GROUPS.allowlistAdmins} has approved it (enforce allowlist approve).`,
          messageExpression: `"The policy " + object.spec.policyHash.substring(0, 12) + "… of " + object.metadata.name + " is not approved: " + params.metadata.name + " approves " + params.spec.policyHash.substring(0, 12) + "…. Have a member of ${GROUPS.allowlistAdmins} approve it (enforce allowlist approve), then deploy again."`,
        },
        {
          expression: Object.keys(policyDocument).map(asApproved).join(' && '),
          message: 'The policy has an approved hash but is not the policy that was approved. Deploy it as rendered.',
          messageExpression: `"The policy of " + object.metadata.name + " has the hash that " + params.metadata.name + " approves, but differs from what was approved in " + ${differing} + ". Deploy it as rendered."`,
        },
        {
          expression: 'request.userInfo.username != params.spec.approvedBy',
          message: 'Who approved the policy does not deploy it. Have the workspace’s deployer do that.',
          messageExpression:
            'params.spec.approvedBy + " has approved this policy and cannot deploy it too. Have the workspace’s deployer do that."',
        },
      ],
      audit: {
        change: `object.metadata.name + ": policy " + (${oldHash}) + " -> " + object.spec.policyHash + ", approved by " + params.spec.approvedBy + " in " + params.metadata.name + " (" + params.spec.ticket + "): " + params.spec.reason`,
      },
    });
  }
}
