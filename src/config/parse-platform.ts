import { COMPONENTS } from '../model/edges.js';
import { openfgaProblems } from '../model/openfga-problems.js';
import type { Platform } from '../model/platform.js';
import { platformImages, withoutDigest } from './digests.js';
import { ConfigError, suggest, type Problem } from './messages.js';
import { check, checkStackName, duplicates, refuser } from './parse.js';
import { checkSpire } from './parse-spire.js';
import { platformSchema } from './schema.js';
import type { RawStack } from './stack-file.js';

/** Namespaces that no workspace may take. */
const RESERVED = /^(kube-|default$|portarium-(control-plane|execution|observability|policy|spire|spire-server)$)/;

export function parsePlatform(raw: RawStack): Platform {
  const config = check(platformSchema, raw);
  const problems: Problem[] = [];
  const refuse = refuser(raw, problems);
  const { cluster, network, agentDns } = config;
  checkStackName(raw, refuse);
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
  const { monitoring } = config;
  for (const key of ['runbookUrl', 'grafanaUrl'] as const) {
    if (!monitoring.prometheusRules || monitoring[key] !== undefined) continue;
    refuse(
      ['monitoring', key],
      'alerts name a runbook and a dashboard, so prometheusRules needs it. An https:// address.',
    );
  }
  duplicates(config.workspaces.map(({ id }) => id)).forEach(({ value, index, first }) => {
    refuse(['workspaces', index, 'id'], `workspace "${value}" is listed twice, first as workspaces[${first}].`);
  });
  duplicates(config.pending).forEach(({ value, index, first }) => {
    refuse(['pending', index], `workspace "${value}" is listed twice, first as pending[${first}].`);
  });
  config.pending.forEach((id, index) => {
    if (config.workspaces.some((workspace) => workspace.id === id)) return;
    refuse(
      ['pending', index],
      `there is no workspace "${id}". ${suggest(
        id,
        config.workspaces.map((each) => each.id),
      )}`,
    );
  });
  const others = [config.cluster.dns, config.ingressGateway, config.vault, ...config.peers.map(({ pods }) => pods)];
  config.workspaces.forEach(({ namespace }, index) => {
    if (RESERVED.test(namespace) || others.some((other) => other?.namespace === namespace)) {
      refuse(
        ['workspaces', index, 'namespace'],
        `"${namespace}" belongs to the platform. Use a namespace of the workspace’s own, for example "portarium-agents-acme".`,
      );
    }
  });
  const components: readonly string[] = Object.values(COMPONENTS).map(({ name }) => name);
  const taken = [...components, ...config.peers.map(({ name }) => name)];
  config.peers.forEach(({ name }, index) => {
    if (taken.indexOf(name) === components.length + index) return;
    const why = components.includes(name) ? 'is a component of the platform' : 'is defined twice';
    refuse(['peers', index, 'name'], `peer "${name}" ${why}. Give each peer a name of its own.`);
  });
  const placed = new Set(config.workspaces.map(({ namespace }) => namespace));
  checkSpire(config, refuse, (namespace) => RESERVED.test(namespace) || placed.has(namespace));
  for (const { path, message } of openfgaProblems(config as unknown as Platform)) refuse(path, message);
  if (config.requireDigests) {
    for (const { path, message } of withoutDigest(platformImages(config as unknown as Platform))) refuse(path, message);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  const facts = Object.fromEntries(Object.entries(config).filter(([key]) => key !== 'kind'));
  return { ...compact(facts), stack: raw.stack } as unknown as Platform;
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
