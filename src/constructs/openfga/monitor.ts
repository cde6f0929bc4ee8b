import { Construct } from 'constructs';
import { COMPONENTS } from '../../model/edges.js';
import { podMonitor } from '../pod-monitor.js';

/** What tells a Prometheus operator to scrape OpenFGA's pods, by the name of their port. */
export class OpenFgaMonitor extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    podMonitor(this, 'monitor', COMPONENTS.openfga, ['metrics']);
  }
}
