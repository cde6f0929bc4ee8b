/* eslint-disable @typescript-eslint/no-unsafe-return -- objects of every kind are looked into */
import { describe, expect, it } from 'vitest';
import { renderSpire, specOf, type Json } from './fixture.js';

const monitors = (podMonitors: boolean) =>
  renderSpire({}, { monitoring: { podMonitors } }).filter(
    ({ kind, metadata }) => kind === 'PodMonitor' && metadata.name.startsWith('spire-'),
  );

describe('PodMonitors', () => {
  it('are rendered only where the cluster has the kind', () => {
    expect(monitors(false)).toEqual([]);
    expect(monitors(true).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual([
      'portarium-control-plane/spire-server',
      'portarium-spire/spire-agent',
    ]);
  });

  it('scrape ports that the pods they select have, by the name and on the number that the edges open', () => {
    const pods = renderSpire().filter(({ kind }) => kind === 'StatefulSet' || kind === 'DaemonSet');
    for (const monitor of monitors(true)) {
      const { selector, namespaceSelector, podMetricsEndpoints } = specOf(monitor);
      const pod = pods.find(({ metadata }) => metadata.name === monitor.metadata.name)!;
      expect(namespaceSelector.matchNames).toEqual([pod.metadata.namespace]);
      expect(specOf(pod).template.metadata.labels).toMatchObject(selector.matchLabels);
      const ports = (specOf(pod).template.spec.containers as Json[]).flatMap(({ ports: each }) => each as Json[]);
      const scraped = (podMetricsEndpoints as Json[]).map(
        ({ port }) => ports.find(({ name }) => name === port)?.containerPort as number,
      );
      expect(scraped).toEqual(monitor.metadata.name === 'spire-server' ? [9988, 8082] : [9988]);
    }
  });
});
