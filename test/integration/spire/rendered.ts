import { renderPlatform } from '../../../src/charts/render.js';
import type { Platform } from '../../../src/model/platform.js';

/** SPIRE's configuration as the platform's stack renders it, read back from its ConfigMaps. */
export interface Configs {
  readonly server: ServerConfig;
  readonly agent: AgentConfig;
}

type Plugins = Record<string, readonly Record<string, { plugin_data: object }>[]>;
interface Config {
  plugins: Plugins;
  health_checks: Record<string, unknown>;
  telemetry: readonly { Prometheus: readonly { host: string; port: number }[] }[];
}
export interface ServerConfig extends Config {
  server: Record<string, unknown>;
}
export interface AgentConfig extends Config {
  agent: Record<string, unknown>;
}

export function configsOf(platform: Platform): Configs {
  const objects = renderPlatform(platform);
  const file = (name: string, key: string): unknown => {
    const map = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === name);
    return JSON.parse((map!['data'] as Record<string, string>)[key]!);
  };
  return {
    server: file('spire-server', 'server.conf') as ServerConfig,
    agent: file('spire-agent', 'agent.conf') as AgentConfig,
  };
}
