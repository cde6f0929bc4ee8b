import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { AuthorizationModelAdmission } from '../constructs/admission/authorization-model-admission.js';
import { NetworkObjectAdmission } from '../constructs/admission/network-object-admission.js';
import { OnboardingAdmission } from '../constructs/admission/onboarding-admission.js';
import { PolicyApprovalAdmission } from '../constructs/admission/policy-approval-admission.js';
import { RelaxationAdmission } from '../constructs/admission/relaxation-admission.js';
import { SpireRegistrationAdmission } from '../constructs/admission/spire-registrations.js';
import { WorkspacePolicyAdmission } from '../constructs/admission/workspace-policy-admission.js';
import { ClusterDeny } from '../constructs/cluster-deny.js';
import { CustomResources } from '../constructs/custom-resources/custom-resources.js';
import { Front } from '../constructs/front.js';
import { FrontServices } from '../constructs/front-services.js';
import { Guards } from '../constructs/guards/guards.js';
import { Monitoring } from '../constructs/monitoring/monitoring.js';
import { Namespaces } from '../constructs/namespaces.js';
import { Onboarding } from '../constructs/onboarding.js';
import { OpenFga } from '../constructs/openfga/openfga.js';
import { PlatformNetwork } from '../constructs/platform-network.js';
import { Principals } from '../constructs/principals.js';
import { WorkerSidecar } from '../constructs/worker-sidecar.js';
import { Spire } from '../constructs/spire/spire.js';
import { LABELS } from '../model/names.js';
import type { Platform } from '../model/platform.js';

/** Everything cluster-scoped, and the platform's own namespaces. Nothing here depends on a workspace's level. */
export class PlatformChart extends Chart {
  constructor(scope: Construct, id: string, platform: Platform) {
    super(scope, id, { disableResourceNameHashes: true, labels: { [LABELS.stack]: platform.stack } });
    new CustomResources(this, 'custom-resources');
    new Namespaces(this, 'namespaces', platform);
    new Principals(this, 'principals', platform);
    new RelaxationAdmission(this, 'relaxation-admission', { platform });
    new WorkspacePolicyAdmission(this, 'workspace-policy-admission', { platform });
    new AuthorizationModelAdmission(this, 'authorization-model-admission');
    new PolicyApprovalAdmission(this, 'policy-approval-admission', { platform });
    new OnboardingAdmission(this, 'onboarding-admission');
    new NetworkObjectAdmission(this, 'network-object-admission', { platform });
    new SpireRegistrationAdmission(this, 'spire-registration-admission', { platform });
    new Guards(this, 'guards', { platform });
    new Onboarding(this, 'onboarding', platform);
    new FrontServices(this, 'front-services', platform);
    new Front(this, 'front', platform);
    new WorkerSidecar(this, 'worker-sidecar', platform);
    new PlatformNetwork(this, 'network', platform);
    new ClusterDeny(this, 'cluster-deny', platform);
    new Spire(this, 'spire', platform);
    new OpenFga(this, 'openfga', platform);
    if (platform.monitoring.prometheusRules) new Monitoring(this, 'monitoring', platform);
  }
}
