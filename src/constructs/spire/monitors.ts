import { Construct } from 'constructs';
import type { Pods } from '../../model/edges.js';
import type { Platform } from '../../model/platform.js';
import { SPIRE_AGENTS, spireServerOf } from '../../model/spire-edges.js';
import { SPIRE_PORTS, type NamedPort } from '../../model/spire.js';
import { podMonitor } from '../pod-monitor.js';

/**
 * What tells a Prometheus operator to scrape SPIRE's pods, by the ports' names from the constant that the pods have
 * them from. Source: prometheus-operator, PodMonitor (monitoring.coreos.com/v1).
 */
export class SpireMonitors extends Construct {
  constructor(scope: Construct, id: string, platform: Platform) {
    super(scope, id);
    this.monitor(spireServerOf(platform), [SPIRE_PORTS.server.metrics, SPIRE_PORTS.controllerManager.metrics]);
    this.monitor(SPIRE_AGENTS, [SPIRE_PORTS.agent.metrics]);
  }

  private monitor(pods: Pods, ports: readonly NamedPort[]): void {
    podMonitor(
      this,
      pods.name,
      pods,
      ports.map(({ name }) => name),
    );
  }
}
