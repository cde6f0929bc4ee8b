import { describe, expect, it } from 'vitest';
import { renderPlatform } from '../../src/charts/render.js';
import { resolvableNames } from '../../src/model/resolvable-names.js';
import { ACME, PLATFORM } from '../model/examples.js';

const services = new Map(
  renderPlatform(PLATFORM)
    .filter(({ kind, metadata }) => kind === 'Service' && !/^(spire-|openfga$)/.test(metadata.name))
    .map(({ metadata, spec }) => [
      `${metadata.name}.${metadata.namespace}.svc.cluster.local`,
      spec as { clusterIP: string; selector: object; ports: { port: number; targetPort: number }[] },
    ]),
);
const ports = (name: string): unknown[] =>
  services
    .get(`${name}.portarium-control-plane.svc.cluster.local`)!
    .ports.map(({ port, targetPort }) => [port, targetPort]);

describe('the front’s Services', () => {
  it('keep port 443 for clients and lead each to a listener of its own', () => {
    expect(ports('api-server')).toEqual([
      [443, 8443],
      [50051, 50051],
    ]);
    expect(ports('api-server-bearer')).toEqual([[443, 8444]]);
    expect(ports('api-server-people')).toEqual([[443, 8445]]);
  });

  it('have the addresses that agents’ DNS answers', () => {
    const fixed = resolvableNames(PLATFORM, ACME).filter(({ address }) => address !== undefined);
    expect(fixed.length).toBe(3);
    for (const { name, address } of fixed) expect([name, services.get(name)?.clusterIP]).toEqual([name, address]);
  });

  it('select by the component’s label alone, which admission ties to its service account', () => {
    for (const [name, { selector }] of services) {
      const component = name.startsWith('otel-collector') ? 'otel-collector' : 'api-server';
      expect(selector).toEqual({ 'portarium.io/component': component });
    }
  });
});
