import { Construct } from 'constructs';
import { AGENT_ROLE, LABELS } from '../../model/names.js';
import { label, literal } from './cel.js';
import { Guard, type GuardFamilyProps, type Refusal } from './guard.js';
import { agentNamespaces } from './scope.js';

/**
 * How agents resolve names: by the workspace's DNS server alone, where there is one, and by no file of their own. The
 * server's address is the workspace stack's, so only its number is checked here; another address is closed on the network.
 *
 * Makes `portarium-guard-agent-names`. Closes B5 and B6 together with the DNS edge.
 */
export class AgentNames extends Construct {
  constructor(scope: Construct, id: string, { platform }: GuardFamilyProps) {
    super(scope, id);
    const hostAliases: Refusal = {
      expression: 'object.spec.?hostAliases.orValue([]).size() == 0',
      message: 'hostAliases are refused: they put another address behind a name that is trusted. Remove them.',
    };
    const resolver: Refusal = {
      expression:
        `${label(LABELS.role)} != ${literal(AGENT_ROLE)} || ` +
        '(object.spec.?dnsPolicy.orValue("") == "None" && object.spec.?dnsConfig.?nameservers.orValue([]).size() == 1)',
      message:
        'Agents ask the DNS server of their workspace and no other, since cluster DNS forwards any name. ' +
        'Set dnsPolicy: None and dnsConfig.nameservers to the one address of that server (portarium:workspace, dns.clusterIP).',
    };
    new Guard(this, 'guard', {
      mode: platform.guards,
      name: 'agent-names',
      requests: [{ operations: ['CREATE'], resources: ['pods'] }],
      bindings: [{ namespaces: agentNamespaces(platform) }],
      refusals: platform.agentDns.mode === 'agent-dns' ? [hostAliases, resolver] : [hostAliases],
    });
  }
}
