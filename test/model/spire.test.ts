import { describe, expect, it } from 'vitest';
import { spiffeId } from '../../src/model/identity.js';
import {
  SPIFFE_ID_TEMPLATE,
  SPIRE_PORTS,
  SPIRE_SOCKETS,
  WORKLOAD_SOCKET,
  type NamedPort,
} from '../../src/model/spire.js';

describe('what SPIRE and its clients share', () => {
  it('has a Workload API whose path fits a Unix socket address', () => {
    expect(WORKLOAD_SOCKET).toBe('/run/spire/sockets/spire-agent.sock');
    expect(`${SPIRE_SOCKETS.hostDir}/${SPIRE_SOCKETS.file}`.length).toBeLessThan(108);
  });

  it.each(Object.entries(SPIRE_PORTS))(
    'has ports of %s with names that a container takes, each once',
    (_pod, ports) => {
      const named: readonly NamedPort[] = Object.values(ports);
      for (const { name } of named) expect(name).toMatch(/^[a-z][a-z0-9-]{0,14}$/);
      expect(new Set(named.map(({ name }) => name)).size).toBe(named.length);
    },
  );

  it('has names and numbers that do not collide in the pod that server and controller manager share', () => {
    const named = [...Object.values(SPIRE_PORTS.server), ...Object.values(SPIRE_PORTS.controllerManager)];
    expect(new Set(named.map(({ name }) => name)).size).toBe(named.length);
    expect(new Set(named.map(({ port }) => port)).size).toBe(named.length);
  });

  it('has a template that renders the SPIFFE IDs of this program', () => {
    const rendered = SPIFFE_ID_TEMPLATE.replace('{{ .TrustDomain }}', 'portarium.io')
      .replace('{{ .PodMeta.Namespace }}', 'portarium-agents')
      .replace('{{ .PodSpec.ServiceAccountName }}', 'sales-bot');
    expect(rendered).toBe(spiffeId('portarium-agents', 'sales-bot'));
  });
});
