import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { LABELS, NAMESPACES } from '../model/names.js';
import { platformNamespaces, type Platform } from '../model/platform.js';
import { agentNamespaces } from './cluster-deny.js';
import { podSecurityLabels } from './guards/pod-security.js';

/**
 * The platform's namespaces and every workspace's, with their Pod Security level: `restricted`, but for
 * `portarium-spire`, whose agents need the host. While guards only audit, agents' namespaces are only audited too, so
 * that a workspace still at `routing` loses nothing.
 * Source: design, "Names and identities"; Pod Security Admission; bypass B1.
 */
export class Namespaces extends Construct {
  constructor(scope: Construct, id: string, platform: Platform) {
    super(scope, id);
    for (const name of platformNamespaces(platform)) {
      this.namespace(name, podSecurityLabels(name === NAMESPACES.spire ? 'privileged' : 'restricted', 'deny'));
    }
    for (const name of agentNamespaces(platform)) {
      this.namespace(name, podSecurityLabels('restricted', platform.guards));
    }
  }

  private namespace(name: string, labels: Readonly<Record<string, string>>): void {
    new k8s.KubeNamespace(this, name, { metadata: { name, labels: { ...labels, [LABELS.keep]: 'namespace' } } });
  }
}
