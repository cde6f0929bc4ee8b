import { suggest } from './messages.js';
import { duplicates, type Refuse } from './parse.js';
import type { WorkspaceConfig } from './schema.js';

/** Who has which role: each named once a role, nobody by the name of an agent, owners of agents with a role, and credentials that are ever valid. */
export function checkAccess({ access, agents, credentials }: WorkspaceConfig, refuse: Refuse): void {
  const names = agents.map(({ name }) => name);
  for (const [role, subjects] of Object.entries(access)) {
    duplicates(subjects).forEach(({ value, index, first }) => {
      refuse(['access', role, index], `"${value}" is listed twice, first as access.${role}[${first}].`);
    });
    subjects.forEach((subject, index) => {
      if (role !== 'suspended' && names.includes(subject)) {
        refuse(['access', role, index], `"${subject}" is an agent; every agent is an operator, and none is more.`);
      }
    });
  }
  const { admins, operators, approvers, auditors } = access;
  const people = [...new Set([...admins, ...operators, ...approvers, ...auditors])].sort();
  agents.forEach(({ owner }, index) => {
    if (owner !== undefined && names.includes(owner)) {
      refuse(['agents', index, 'owner'], `"${owner}" is an agent. The owner is a person.`);
    } else if (owner !== undefined && !people.includes(owner)) {
      refuse(
        ['agents', index, 'owner'],
        `"${owner}" has no role in access, so nobody would own the agent. ${people.length > 0 ? suggest(owner, people) : 'access gives nobody a role: name the owner there, or leave owner out.'}`,
      );
    }
  });
  duplicates(credentials.map(({ id }) => id)).forEach(({ value, index, first }) => {
    refuse(['credentials', index, 'id'], `credential "${value}" is defined twice, first as credentials[${first}].`);
  });
  credentials.forEach(({ notBefore, expiresAt }, index) => {
    if (Date.parse(notBefore) >= Date.parse(expiresAt)) {
      refuse(['credentials', index, 'expiresAt'], `"${expiresAt}" is not after notBefore, "${notBefore}".`);
    }
  });
}
