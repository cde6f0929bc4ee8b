import { DNS_LABEL, Field } from './field.js';
import { spiffeId } from './identity.js';
import type { KubeObject } from './kube-object.js';
import { CONTROLS, LEVELS, modes, modesAt } from './levels.js';
import type { WorkspacePolicySpec } from './policy.js';
import { RISKS, TIERS, type AllowedTool } from './workspace.js';

const texts = (field: Field): readonly string[] => field.list().map((each) => each.text());
const tools = (field: Field): readonly AllowedTool[] =>
  field.list().map((tool) => ({ tool: tool.get('tool').text(), tier: tool.get('tier').oneOf(TIERS) }));
const SHA256 = /^[0-9a-f]{64}$/;
const label = (field: Field): string => field.text(DNS_LABEL, 'a DNS-1123 label');

/**
 * What a live WorkspacePolicy says, held against what the CRD's rules and the stack's renderer make of it: modes are the
 * preset of the reached level, and an agent's SPIFFE ID is the one of its service account in the policy's own namespace,
 * so that no policy can claim another namespace's identities. Throws Unreadable.
 */
export function policyOf(object: KubeObject, trustDomain: string): WorkspacePolicySpec {
  const spec = new Field(object['spec'], `WorkspacePolicy ${object.metadata.name}: spec`);
  const workspaceId = label(spec.get('workspaceId'));
  if (workspaceId !== object.metadata.name) {
    spec.get('workspaceId').refuse(`is "${workspaceId}", but the object’s name is "${object.metadata.name}".`);
  }
  const namespace = label(spec.get('namespace'));
  const reachedLevel = spec.get('reachedLevel').oneOf(LEVELS);
  const found = spec.get('modes');
  const preset = modesAt(reachedLevel);
  const relaxation = spec.get('relaxation');
  const controls = (field: Field) => field.list().map((control) => control.oneOf(CONTROLS));
  return {
    workspaceId,
    namespace,
    reachedLevel,
    modes: modes((control) => {
      const mode = found.get(control).oneOf(['shadow', 'enforce']);
      if (mode === preset[control]) return mode;
      return found.get(control).refuse(`is "${mode}", but reachedLevel "${reachedLevel}" means "${preset[control]}".`);
    }),
    ...(relaxation.present && {
      relaxation: { name: relaxation.get('name').text(), controls: controls(relaxation.get('controls')) },
    }),
    agents: spec
      .get('agents')
      .list()
      .map((agent) => {
        const serviceAccount = label(agent.get('serviceAccount'));
        const id = spiffeId(namespace, serviceAccount, trustDomain);
        if (agent.get('spiffeId').text() !== id) {
          agent.get('spiffeId').refuse(`is ${JSON.stringify(agent.get('spiffeId').value)}, not "${id}".`);
        }
        return { name: label(agent.get('name')), serviceAccount, spiffeId: id, risk: agent.get('risk').oneOf(RISKS) };
      }),
    allowedTools: tools(spec.get('allowedTools')),
    defaultAction: spec.get('defaultAction').oneOf(['Deny']),
    blastRadius: tools(spec.get('blastRadius')),
    separationOfDuties: { financialTools: texts(spec.get('separationOfDuties').get('financialTools')) },
    policyIds: texts(spec.get('policyIds')),
    systemsOfRecord: spec
      .get('systemsOfRecord')
      .list()
      .map((sor) => ({
        host: sor.get('host').text(),
        ports: sor
          .get('ports')
          .list()
          .map((port) => port.whole(1, 65_535)),
      })),
    approvers: texts(spec.get('approvers')),
    authorizationModel: spec.get('authorizationModel').text(SHA256, 'a SHA-256 in lower-case hex'),
    policyHash: spec.get('policyHash').text(SHA256, 'a SHA-256 in lower-case hex'),
  };
}
