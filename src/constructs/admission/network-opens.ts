import { Construct } from 'constructs';
import { LABELS } from '../../model/names.js';
import { label, literal } from '../guards/cel.js';
import { AdmissionPolicy, type AdmissionProps } from './admission-policy.js';
import { FRONT_NAMESPACE } from './allowed-edges.js';
import { fixedNames } from './fixed-names.js';
import { networkObjects } from './network-requests.js';

/**
 * An object that opens something for a control is admitted while the workspace has never reached a level that enforces
 * it, or in the name of a Relaxation (which `network-relaxed.ts` checks), and opens declared systems of record only.
 * What a Relaxation permitted cannot be changed: the API server's clock does not cover every change of a spec.
 *
 * Makes `portarium-network-opens` with a binding per workspace, whose parameter is that WorkspacePolicy. A change of
 * metadata alone is not judged, and neither is a deletion: closing needs no approval.
 */
export class NetworkOpens extends Construct {
  constructor(scope: Construct, id: string, { platform }: AdmissionProps) {
    super(scope, id);
    const relaxation = label(LABELS.relaxation);
    new AdmissionPolicy(this, 'admission', {
      mode: platform.guards,
      name: 'portarium-network-opens',
      requests: networkObjects('CREATE', 'UPDATE'),
      paramKind: 'WorkspacePolicy',
      bindings: platform.workspaces.map(({ id: workspace, namespace }) => ({
        suffix: workspace,
        namespaces: [namespace, FRONT_NAMESPACE],
        labels: [
          { key: LABELS.workspace, operator: 'In', values: [workspace] },
          { key: LABELS.opens, operator: 'Exists' },
        ],
        param: { name: workspace },
      })),
      conditions: {
        opens: `request.operation == "CREATE" || object.?spec != oldObject.?spec || ${relaxation} != ${label(LABELS.relaxation, 'oldObject')}`,
      },
      variables: {
        opens: label(LABELS.opens),
        mode: 'variables.opens == "mtls" ? params.spec.modes.mtls : params.spec.modes.egress',
        // Two kinds with different fields, so without types.
        rules: 'dyn(object).?spec.?egress.orValue([])',
        names: `params.spec.systemsOfRecord.map(system, system.host) + ${literal(fixedNames(platform).map(({ name }) => name))}`,
      },
      refusals: [
        {
          expression: `${relaxation} != "" || variables.mode == "shadow"`,
          message: `The workspace has reached a level that enforces this control. Ask for a Relaxation (enforce rollback, enforce relax) and name it in the label ${LABELS.relaxation}.`,
          messageExpression: `params.spec.workspaceId + " has reached the level " + params.spec.reachedLevel + ", which enforces " + variables.opens + ". To open it, ask for a Relaxation (enforce relax --control " + variables.opens + ") and name it in the label ${LABELS.relaxation}."`,
        },
        {
          expression: `${relaxation} == "" || request.operation == "CREATE" || object.?spec == oldObject.?spec`,
          message:
            'What a Relaxation permitted to open cannot be changed. Delete the object and create it anew while the Relaxation is in force.',
        },
        {
          // Port 53 is left to network-shape.ts, which lets none but NodeLocal DNSCache have it.
          expression:
            'variables.rules.all(rule, !rule.?to.orValue([]).exists(peer, has(peer.ipBlock)) || rule.?ports.orValue([]).all(port, params.spec.systemsOfRecord.exists(system, port.port in system.ports) || port.port == 53))',
          message: 'Addresses are opened on the ports of declared systems of record only (portarium:systemsOfRecord).',
        },
        {
          expression:
            'variables.rules.all(rule, rule.?toFQDNs.orValue([]).all(name, params.spec.systemsOfRecord.exists(system, system.host == name.?matchName.orValue("") && rule.?toPorts.orValue([]).all(to, to.?ports.orValue([]).all(port, int(port.port) in system.ports)))))',
          message: 'Only declared systems of record are opened, on their own ports (portarium:systemsOfRecord).',
        },
        {
          expression:
            'variables.rules.all(rule, rule.?toPorts.orValue([]).all(to, to.?rules.?dns.orValue([]).all(name, name.?matchName.orValue("") in variables.names)))',
          message:
            'Only the names of the front, the collector, Vault and declared systems of record may be asked for (portarium:systemsOfRecord).',
        },
      ],
    });
  }
}
