import type { z } from 'zod';
import { CONTROLS, modesAt, rank, relaxedBy, ROLLBACK_TARGETS, type Level } from '../model/levels.js';
import type { Platform } from '../model/platform.js';
import type { Relaxing, Workspace } from '../model/workspace.js';
import { ConfigError, renderPath, suggest, type Problem } from './messages.js';
import { platformSchema, workspaceSchema, type WorkspaceConfig } from './schema.js';
import type { RawStack } from './stack-file.js';
import { show } from './values.js';

const KINDS = ['platform', 'workspace'];

/** The stack's kind: what its config says, never its name. */
export function kindOf(raw: RawStack): 'platform' | 'workspace' {
  const kind = raw.config['kind'];
  if (kind === 'platform' || kind === 'workspace') return kind;
  const message =
    kind === undefined ? `missing. ${suggest(kind, KINDS)}` : `${show(kind)} is not allowed. ${suggest(kind, KINDS)}`;
  throw new ConfigError([{ where: raw.where(['kind']), path: 'kind', message }]);
}

export function parsePlatform(raw: RawStack): Platform {
  const { kind: _, ...config } = check(platformSchema, raw);
  const problems: Problem[] = [];
  const refuse = refuser(raw, problems);
  const { cluster, network, agentDns } = config;
  if (agentDns.mode === 'cilium' && !network.cilium) {
    refuse(
      ['agentDns', 'mode'],
      '"cilium" needs network.cilium: true; without Cilium nothing restricts the names that agents ask cluster DNS for. Use "agent-dns".',
    );
  }
  if (network.cilium && cluster.dns.nodeLocalAddress !== undefined) {
    refuse(
      ['cluster', 'dns', 'nodeLocalAddress'],
      'not supported with Cilium, which denies agents the node; use its LocalRedirectPolicy and leave this out.',
    );
  }
  duplicates(config.workspaces.map(({ id }) => id)).forEach(({ value, index, first }) => {
    refuse(['workspaces', index, 'id'], `workspace "${value}" is listed twice, first as workspaces[${first}].`);
  });
  config.workspaces.forEach(({ namespace }, index) => {
    if (RESERVED.test(namespace)) {
      refuse(
        ['workspaces', index, 'namespace'],
        `"${namespace}" belongs to the platform. Use a namespace of the workspace’s own, for example "portarium-agents-acme".`,
      );
    }
  });
  if (problems.length > 0) throw new ConfigError(problems);
  return { ...compact(config), stack: raw.stack } as Platform;
}

/** Namespaces that no workspace may take. */
const RESERVED = /^(kube-|default$|portarium-(control-plane|execution|observability|policy|spire)$)/;

export function parseWorkspace(raw: RawStack, levelOverride?: Level): Workspace {
  const config = check(workspaceSchema, raw);
  const problems: Problem[] = [];
  const refuse = refuser(raw, problems);
  const { workspace, allowlist, agents, systemsOfRecord } = config;
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
    if (name.startsWith('agent-dns'))
      refuse(['agents', index, 'name'], `"${name}" is reserved for the workspace’s DNS server.`);
  });
  duplicates(allowlist.allowedTools.map(({ tool }) => tool)).forEach(({ value, index, first }) => {
    refuse(
      ['allowlist', 'allowedTools', index, 'tool'],
      `tool "${value}" is listed twice, first as allowlist.allowedTools[${first}]. A tool has one tier.`,
    );
  });
  duplicates(systemsOfRecord.map(({ host }) => host)).forEach(({ value, index, first }) => {
    refuse(['systemsOfRecord', index, 'host'], `host "${value}" is listed twice, first as systemsOfRecord[${first}].`);
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
    agents: agents as Workspace['agents'],
    systemsOfRecord,
    approvers: workspace.approvers,
    dns: workspace.dns,
  };
}

type Refuse = (path: readonly PropertyKey[], message: string) => void;

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

function check<Schema extends z.ZodType>(schema: Schema, raw: RawStack): z.output<Schema> {
  const result = schema.safeParse(raw.config);
  if (result.success) return result.data;
  throw new ConfigError(
    result.error.issues.map(({ path, message, ...issue }) => {
      const at = issue.code === 'unrecognized_keys' ? [...path, (issue as { keys: string[] }).keys[0] ?? ''] : path;
      return { where: raw.where(at), path: renderPath(path), message };
    }),
  );
}

const refuser =
  (raw: RawStack, problems: Problem[]): Refuse =>
  (path, message) =>
    problems.push({ where: raw.where(path), path: renderPath(path), message });

/** Repeated values with their index and that of their first appearance. */
export function duplicates(values: readonly string[]): readonly { value: string; index: number; first: number }[] {
  return values
    .map((value, index) => ({ value, index, first: values.indexOf(value) }))
    .filter(({ index, first }) => index !== first);
}

/** Drops undefined members, deeply enough for optional config keys. */
function compact<T>(value: T): T {
  if (Array.isArray(value)) return value.map((item: unknown) => compact(item)) as T;
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([key, member]) => [key, compact(member as unknown)]),
  ) as T;
}
