import { Construct } from 'constructs';
import { AGENT_ROLE, LABELS } from '../../model/names.js';
import { literal } from './cel.js';
import { Guard, type GuardFamilyProps } from './guard.js';
import { agentNamespaces } from './scope.js';

/**
 * An early answer to whoever writes a workload whose pods would be refused: without it a Deployment is accepted and
 * stays at zero pods. The lock is on the pods. DaemonSets are refused, agents are not per node. A template that does
 * not change is not judged again, so that an older workload can still be scaled down.
 *
 * Makes `portarium-guard-workloads`. Closes B17 early.
 */
export class Workloads extends Construct {
  constructor(scope: Construct, id: string, { platform }: GuardFamilyProps) {
    super(scope, id);
    const writes = ['CREATE', 'UPDATE'] as const;
    // The kinds have different schemas; dyn() leaves the path to the request's kind.
    const template = (of: string): string =>
      `(object.kind == "CronJob" ? dyn(${of}).spec.jobTemplate.spec.template : dyn(${of}).spec.template)`;
    const unchanged = 'variables.unchanged || ';
    new Guard(this, 'guard', {
      mode: platform.guards,
      name: 'workloads',
      requests: [
        { operations: writes, resources: ['deployments', 'replicasets', 'statefulsets'], group: 'apps' },
        { operations: ['CREATE'], resources: ['daemonsets'], group: 'apps' },
        { operations: writes, resources: ['cronjobs', 'jobs'], group: 'batch' },
      ],
      bindings: [{ namespaces: agentNamespaces(platform) }],
      variables: {
        template: template('object'),
        unchanged: `request.operation == "UPDATE" && variables.template == ${template('oldObject')}`,
        labels: 'variables.template.?metadata.?labels.orValue({})',
      },
      refusals: [
        {
          expression: 'object.kind != "DaemonSet"',
          message:
            'DaemonSets are refused in a namespace of agents: an agent does not belong to a node. Use a Deployment.',
        },
        {
          expression:
            `${unchanged}${literal(LABELS.workspace)} in variables.labels && ` +
            `(${literal(LABELS.component)} in variables.labels || (${literal(LABELS.agent)} in variables.labels && ` +
            `variables.labels[?${literal(LABELS.role)}] == optional.of(${literal(AGENT_ROLE)})))`,
          message:
            'The pods of this workload would be refused. ' +
            `Label its pod template ${LABELS.role}=${AGENT_ROLE}, ${LABELS.workspace}=<workspace> and ${LABELS.agent}=<agent>.`,
        },
        {
          expression: `${unchanged}!variables.template.?spec.?hostNetwork.orValue(false)`,
          message: 'The pods of this workload would be refused: hostNetwork. Remove it from the pod template.',
        },
      ],
    });
  }
}
