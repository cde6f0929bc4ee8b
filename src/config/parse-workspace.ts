import { CONTROLS, modesAt, rank, relaxedBy, ROLLBACK_TARGETS, type Level } from '../model/levels.js';
import type { Relaxing, Workspace } from '../model/workspace.js';
import { ConfigError, type Problem } from './messages.js';
import { checkAccess } from './parse-access.js';
import { checkTools } from './parse-tools.js';
import { check, checkStackName, duplicates, refuser, type Refuse } from './parse.js';
import { workspaceSchema, type WorkspaceConfig } from './schema.js';
import type { RawStack } from './stack-file.js';

/** Names of agents that objects of the workspace have already, and the account of pods that name none. */
const RESERVED_AGENT = /^(agents-|agent-dns|agent-deny-default|portarium-probe|default$)/;

/** `agent-dns-<id>` is a Service's name and a label's value: 63 characters at most. */
const MAX_ID = 53;

export function parseWorkspace(raw: RawStack, levelOverride?: Level): Workspace {
  const config = check(workspaceSchema, raw);
  const problems: Problem[] = [];
  const refuse = refuser(raw, problems);
  const { workspace, allowlist, agents, systemsOfRecord } = config;
  checkStackName(raw, refuse);
  if (workspace.id.length > MAX_ID) {
    refuse(['workspace', 'id'], `"${workspace.id}" is too long. At most ${MAX_ID} characters.`);
  }
  if (allowlist.workspaceId !== workspace.id) {
    refuse(['allowlist', 'workspaceId'], `"${allowlist.workspaceId}" is not this workspace. Allowed: ${workspace.id}.`);
  }
  duplicates(agents.map(({ name }) => name)).forEach(({ value, index, first }) => {
    refuse(
      ['agents', index, 'name'],
      `agent "${value}" is defined twice, first as agents[${first}]. No two agents share a service account.`,
    );
  });
  agents.forEach(({ name }, index) => {
    if (RESERVED_AGENT.test(name)) {
      refuse(
        ['agents', index, 'name'],
        `"${name}" is reserved. Not allowed: default, and names that begin with agents-, agent-dns, agent-deny-default, portarium-probe.`,
      );
    }
  });
  checkTools(config, refuse);
  checkAccess(config, refuse);
  duplicates(systemsOfRecord.map(({ host }) => host)).forEach(({ value, index, first }) => {
    refuse(['systemsOfRecord', index, 'host'], `host "${value}" is listed twice, first as systemsOfRecord[${first}].`);
  });
  duplicates(systemsOfRecord.map(({ name }) => name)).forEach(({ value, index, first }) => {
    refuse(['systemsOfRecord', index, 'name'], `"${value}" is defined twice, first as systemsOfRecord[${first}].`);
  });
  const level = levelOverride ?? config.enforcement.level;
  const relaxing = levelOverride === undefined ? tryRelaxing(config, refuse) : undefined;
  if (problems.length > 0) throw new ConfigError(problems);
  return {
    id: workspace.id,
    stack: raw.stack,
    namespace: workspace.namespace,
    level,
    ...(relaxing && { relaxing }),
    allowlist,
    blastRadius: config.blastRadius,
    separationOfDuties: config.separationOfDuties,
    policyIds: config.policyIds,
    agents: agents.map(({ owner, ...agent }) => ({ ...agent, ...(owner !== undefined && { owner }) })),
    access: config.access,
    credentials: config.credentials,
    systemsOfRecord,
    approvers: workspace.approvers,
    dns: workspace.dns,
  };
}

/** What `enforcement.rollback` or `enforcement.relax` leaves in shadow below the level. */
function tryRelaxing({ enforcement }: WorkspaceConfig, refuse: Refuse): Relaxing | undefined {
  const { level, rollback, relax } = enforcement;
  const named = (name: string | undefined) => (name === undefined ? {} : { relaxation: name });
  if (rollback) {
    const target = ROLLBACK_TARGETS[rollback.to];
    const controls = relaxedBy(level, target);
    if (controls.length === 0) {
      const lower = Object.entries(ROLLBACK_TARGETS)
        .filter(([, at]) => rank(at) < rank(level))
        .map(([to]) => to);
      refuse(
        ['enforcement', 'rollback', 'to'],
        `rollback ${rollback.to} goes down to level "${target}", but the workspace is at "${level}". ${lower.length === 0 ? 'There is nothing to roll back.' : `Allowed: ${lower.join(', ')}.`}`,
      );
    }
    return { controls, as: `rollback ${rollback.to}`, ...named(rollback.relaxation) };
  }
  if (relax) {
    const enforced = CONTROLS.filter((control) => modesAt(level)[control] === 'enforce');
    relax.controls.forEach((control, index) => {
      if (!enforced.includes(control)) {
        refuse(
          ['enforcement', 'relax', 'controls', index],
          `"${control}" is in shadow at level "${level}" already. Allowed: ${enforced.join(', ') || 'none'}.`,
        );
      }
    });
    const controls = CONTROLS.filter((control) => relax.controls.includes(control));
    return { controls, as: `relax ${controls.join(', ')}`, ...named(relax.relaxation) };
  }
  return undefined;
}
