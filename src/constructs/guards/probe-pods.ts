import { Construct } from 'constructs';
import { LABELS, PROBE, PROBE_COMMAND, PROBE_VARIABLE } from '../../model/names.js';
import { ACCOUNT, literal } from './cel.js';
import { Guard, type GuardFamilyProps } from './guard.js';
import { agentNamespaces } from './scope.js';

/**
 * The pod that probes from among the agents (`enforce verify`): the same policies select it as an agent, and it is
 * nobody: one container with the platform's own program, no sidecar, so no SVID, no volume, so no credential. What it
 * is told to probe is all that differs between two of them.
 *
 * Makes `portarium-guard-probe-pods`. Source: runbook Phase 4 step 5.
 */
export class ProbePods extends Construct {
  constructor(scope: Construct, id: string, { platform }: GuardFamilyProps) {
    super(scope, id);
    const only = 'object.spec.containers[0]';
    new Guard(this, 'guard', {
      mode: platform.guards,
      name: 'probe-pods',
      requests: [{ operations: ['CREATE'], resources: ['pods'] }],
      bindings: [
        { namespaces: agentNamespaces(platform), labels: [{ key: LABELS.agent, operator: 'In', values: [PROBE] }] },
      ],
      refusals: [
        {
          expression: `${ACCOUNT} == ${literal(PROBE)} && object.spec.?initContainers.orValue([]).size() == 0 && object.spec.?volumes.orValue([]).size() == 0 && object.spec.containers.size() == 1`,
          message: `The probe has the service account ${PROBE}, one container, no init container and no volume. Leave it to enforce verify.`,
        },
        {
          expression: [
            `${only}.image == ${literal(platform.sidecar.authorizerImage)}`,
            `${only}.?command.orValue([]) == ${literal(PROBE_COMMAND)}`,
            `${only}.?args.orValue([]).size() == 0`,
            `${only}.?env.orValue([]).all(each, each.name == ${literal(PROBE_VARIABLE)} && !has(each.valueFrom))`,
            `${only}.?envFrom.orValue([]).size() == 0`,
            `!has(${only}.lifecycle)`,
          ].join(' && '),
          message: `The probe runs ${PROBE_COMMAND.join(' ')} of the authorizer's image, with the variable ${PROBE_VARIABLE} alone. Leave it to enforce verify.`,
        },
      ],
    });
  }
}
