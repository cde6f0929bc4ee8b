import { Construct } from 'constructs';
import { AgentNames } from './agent-names.js';
import { AgentPods } from './agent-pods.js';
import { AgentRights } from './agent-rights.js';
import { AgentServiceAccounts } from './agent-service-accounts.js';
import { AgentTokens } from './agent-tokens.js';
import { AgentVolumes } from './agent-volumes.js';
import type { GuardFamilyProps } from './guard.js';
import { HostAccess } from './host-access.js';
import { InteractiveAccess } from './interactive-access.js';
import { LabelChanges } from './label-changes.js';
import { MeshLabels } from './mesh-labels.js';
import { Namespaces } from './namespaces.js';
import { NodeProxy } from './node-proxy.js';
import { PeerLabels } from './peer-labels.js';
import { PodAnnotations } from './pod-annotations.js';
import { Privileges } from './privileges.js';
import { ProbePods } from './probe-pods.js';
import { ResourceClaims } from './resource-claims.js';
import { Scheduling } from './scheduling.js';
import { Services } from './services.js';
import { SidecarFiles } from './sidecar-files.js';
import { Sidecars } from './sidecars.js';
import { SvidVolumes } from './svid-volumes.js';
import { SpirePods } from './spire-pods.js';
import { Workloads } from './workloads.js';

/**
 * Every admission guard of the platform stack: ValidatingAdmissionPolicies `portarium-guard-*` and their bindings, made
 * from the platform's workspaces and the edge matrix. `platform.guards` decides whether they refuse (`deny`) or warn and
 * record (`audit`). They judge the object itself wherever they can, so that a dry-run creation of a copy of a live pod
 * (without `nodeName`) says whether the pod would be admitted today.
 *
 * Needs the CRD of WorkspacePolicy to be there first: a policy whose parameter kind is unknown refuses every agent's
 * pod, in `audit` too.
 */
export class Guards extends Construct {
  constructor(scope: Construct, id: string, props: GuardFamilyProps) {
    super(scope, id);
    new AgentPods(this, 'agent-pods', props);
    new AgentServiceAccounts(this, 'agent-service-accounts', props);
    new AgentTokens(this, 'agent-tokens', props);
    new AgentRights(this, 'agent-rights', props);
    new AgentNames(this, 'agent-names', props);
    new AgentVolumes(this, 'agent-volumes', props);
    new ResourceClaims(this, 'resource-claims', props);
    new PeerLabels(this, 'peer-labels', props);
    new LabelChanges(this, 'label-changes', props);
    new PodAnnotations(this, 'pod-annotations', props);
    new MeshLabels(this, 'mesh-labels', props);
    new ProbePods(this, 'probe-pods', props);
    new HostAccess(this, 'host-access', props);
    new Privileges(this, 'privileges', props);
    new Scheduling(this, 'scheduling', props);
    new InteractiveAccess(this, 'interactive-access', props);
    new NodeProxy(this, 'node-proxy', props);
    new Namespaces(this, 'namespaces', props);
    new Services(this, 'services', props);
    new SidecarFiles(this, 'sidecar-files', props);
    new Sidecars(this, 'sidecars', props);
    new SvidVolumes(this, 'svid-volumes', props);
    new SpirePods(this, 'spire-pods', props);
    new Workloads(this, 'workloads', props);
  }
}
