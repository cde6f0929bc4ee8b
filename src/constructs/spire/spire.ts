import { Construct } from 'constructs';
import type { Platform } from '../../model/platform.js';
import { SpireAgent } from './agent.js';
import { ControllerManager } from './controller-manager.js';
import { SpireCsiDriver } from './csi-driver.js';
import { SpireDefinitions } from './definitions.js';
import { SpireMonitors } from './monitors.js';
import { SpireRegistrations } from './registrations.js';
import { SpireServer } from './server.js';
import { SpireWebhook } from './webhook.js';

/**
 * Workload identity: the SPIRE server with its controller manager, an agent and the CSI driver on every node, and who
 * gets an SVID. All of it is the platform stack's; a workspace's stack writes none of it.
 * Source: runbook Phase 4 step 2.
 */
export class Spire extends Construct {
  constructor(scope: Construct, id: string, platform: Platform) {
    super(scope, id);
    new SpireDefinitions(this, 'definitions');
    const controllerManager = new ControllerManager(this, 'controller-manager', platform);
    new SpireServer(this, 'server', platform, controllerManager);
    new SpireWebhook(this, 'webhook', platform);
    new SpireAgent(this, 'agent', platform);
    new SpireCsiDriver(this, 'csi-driver', platform);
    new SpireRegistrations(this, 'registrations', platform);
    if (platform.monitoring.podMonitors) new SpireMonitors(this, 'monitors', platform);
  }
}
