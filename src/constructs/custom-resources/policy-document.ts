import { RISKS, TIERS } from '../../model/workspace.js';
import {
  dnsLabel,
  dnsName,
  fields,
  listMap,
  oneOf,
  orEmpty,
  set,
  sha256,
  text,
  userName,
  type Schema,
} from './schema.js';

const tool = text({ max: 128, pattern: '^[a-z][a-z0-9_.-]*(:[a-z][a-z0-9_.-]*)?$' });

/**
 * What a workspace's agents may do: the fields that `policyHash` is the hash of, in a WorkspacePolicy and in the
 * PolicyApproval of it alike.
 */
export const policyDocument: Readonly<Record<string, Schema>> = {
  workspaceId: dnsLabel,
  namespace: dnsLabel,
  agents: orEmpty(
    listMap(
      'name',
      fields({
        name: dnsLabel,
        serviceAccount: dnsLabel,
        spiffeId: text({ max: 512, pattern: '^spiffe://[a-z0-9.-]+/ns/[a-z0-9-]+/sa/[a-z0-9-]+$' }),
        risk: oneOf(RISKS),
      }),
      256,
    ),
  ),
  allowedTools: orEmpty(listMap('tool', fields({ tool, tier: oneOf(TIERS) }), 1024)),
  defaultAction: oneOf(['Deny']),
  blastRadius: orEmpty(listMap('tool', fields({ tool, tier: oneOf(TIERS) }), 1024)),
  separationOfDuties: fields({ financialTools: orEmpty(set(tool, 1024)) }),
  policyIds: set(text({ min: 1, max: 128 }), 32, 1),
  systemsOfRecord: {
    type: 'array',
    maxItems: 256,
    'x-kubernetes-list-type': 'atomic',
    items: fields(
      { host: dnsName, ports: set({ type: 'integer', minimum: 1, maximum: 65535 }, 32, 1) },
      { rules: [{ rule: '!(53 in self.ports)', message: 'port 53 to the world is never opened.' }] },
    ),
  },
  authorizationModel: sha256,
  approvers: orEmpty(
    set(
      {
        ...userName,
        'x-kubernetes-validations': [
          { rule: '!self.startsWith("system:")', message: 'an approver is a person; a pipeline cannot approve.' },
        ],
      },
      100,
    ),
  ),
};
