import { Construct } from 'constructs';
import { isMigrated } from '../../model/openfga.js';
import type { Platform } from '../../model/platform.js';
import { OpenFgaMigration } from './migration.js';
import { OpenFgaMonitor } from './monitor.js';
import { OpenFgaServer } from './server.js';

/**
 * Who may do what: OpenFGA's servers and the migration of their database. Stores, models and tuples are not objects of
 * the cluster; the engines write them once a server answers (docs/openfga.md).
 * Source: runbook Phase 4 step 4.
 */
export class OpenFga extends Construct {
  constructor(scope: Construct, id: string, platform: Platform) {
    super(scope, id);
    if (isMigrated(platform.openfga)) new OpenFgaMigration(this, 'migration', platform);
    new OpenFgaServer(this, 'server', platform);
    if (platform.monitoring.podMonitors) new OpenFgaMonitor(this, 'monitor');
  }
}
