import { duplicates, type Refuse } from './parse.js';
import type { WorkspaceConfig } from './schema.js';

/** Who has which role: each named once a role, nobody by the name of an agent, and credentials that are ever valid. */
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
  agents.forEach(({ owner }, index) => {
    if (owner !== undefined && names.includes(owner)) {
      refuse(['agents', index, 'owner'], `"${owner}" is an agent. The owner is a person.`);
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
