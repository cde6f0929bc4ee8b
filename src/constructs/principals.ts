import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { COMPONENTS } from '../model/edges.js';
import { API_GROUP, deployersOf, GROUPS, NAMESPACES, PROBE } from '../model/names.js';
import { platformNamespaces, type Platform } from '../model/platform.js';
import { SPIRE_GROUP, SPIRE_RESOURCES } from '../model/spire.js';
import { agentNamespaces } from './cluster-deny.js';

const ALL = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'];
const READ = ['get', 'list', 'watch'];
const MONITORING = ['podmonitors', 'prometheusrules', 'alertmanagerconfigs'];
/** Kinds of policy that an extension may bring and that we never render. */
const FOREIGN_POLICIES: Readonly<Record<string, readonly string[]>> = {
  'cilium.io': [
    'ciliumlocalredirectpolicies',
    'ciliumegressgatewaypolicies',
    'ciliumenvoyconfigs',
    'ciliumclusterwideenvoyconfigs',
    'ciliumnodeconfigs',
  ],
  'policy.networking.k8s.io': ['adminnetworkpolicies', 'baselineadminnetworkpolicies'],
  'crd.projectcalico.org': ['networkpolicies', 'globalnetworkpolicies', 'hostendpoints', 'profiles'],
};

const rule = (apiGroup: string, resources: string[], verbs: string[]): k8s.PolicyRule => ({
  apiGroups: [apiGroup],
  resources,
  verbs,
});

/**
 * The principals as RBAC: platform deployer, a deployer per workspace (namespaced objects only), operators who ask for
 * relaxations, approvers, the allowlist's admins, break-glass, the authorizer; and a service account per platform
 * component. RBAC says who may try, admission (`./admission`, `./guards`) what may be done. The first deployment of the platform needs a member of
 * `portarium:platform-deployers` who is also a cluster admin: the guards are active before it ends, for everyone.
 * Source: design, "Names and identities".
 */
export class Principals extends Construct {
  constructor(scope: Construct, id: string, platform: Platform) {
    super(scope, id);
    this.componentAccounts();
    this.platformDeployer();
    this.readers(platform);
    this.relaxationRoles();
    this.allowlistAdmins();
    this.authorizer();
    for (const workspace of platform.workspaces) this.workspaceDeployer(workspace.id, workspace.namespace);
    this.frontOpeners(platform);
    this.breakGlass();
    this.verifiers(platform);
    for (const namespace of [...agentNamespaces(platform), ...platformNamespaces(platform)]) {
      this.bind('break-glass', namespace, { kind: 'ClusterRole', name: 'admin' }, [GROUPS.breakGlass]);
    }
  }

  private componentAccounts(): void {
    for (const { name, namespace } of Object.values(COMPONENTS)) {
      new k8s.KubeServiceAccount(this, `${namespace}-${name}`, {
        metadata: { name, namespace },
        automountServiceAccountToken: false,
      });
    }
  }

  private platformDeployer(): void {
    const name = 'portarium-platform-deployer';
    this.clusterRole(name, [
      rule('', ['namespaces', 'serviceaccounts', 'services', 'configmaps'], ALL),
      rule('', ['pods', 'nodes'], READ),
      rule('apps', ['deployments', 'statefulsets', 'daemonsets'], ALL),
      rule('batch', ['jobs'], ALL),
      rule('policy', ['poddisruptionbudgets'], ALL),
      rule('storage.k8s.io', ['csidrivers'], ALL),
      rule(SPIRE_GROUP, [...SPIRE_RESOURCES], ALL),
      rule('monitoring.coreos.com', [...MONITORING], ALL),
      rule('apiextensions.k8s.io', ['customresourcedefinitions'], ALL),
      rule(
        'admissionregistration.k8s.io',
        ['validatingadmissionpolicies', 'validatingadmissionpolicybindings', 'validatingwebhookconfigurations'],
        ALL,
      ),
      rule('networking.k8s.io', ['networkpolicies'], ALL),
      rule('cilium.io', ['ciliumnetworkpolicies', 'ciliumclusterwidenetworkpolicies'], ALL),
      rule('policy.networking.k8s.io', ['clusternetworkpolicies'], ALL),
      rule(
        'rbac.authorization.k8s.io',
        ['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings'],
        [...ALL, 'bind', 'escalate'],
      ),
      rule(API_GROUP, ['workspacepolicies', 'relaxations', 'policyapprovals'], READ),
      rule(API_GROUP, ['onboardings'], ALL),
      rule(API_GROUP, ['authorizationmodels'], ALL),
    ]);
    this.bindCluster(name, name, [GROUPS.platformDeployers]);
  }

  /** Beside `admin` in every namespace of ours: what admission lets nobody else do (`./guards`, `./admission`). */
  private breakGlass(): void {
    const name = 'portarium-break-glass';
    this.clusterRole(name, [
      rule(
        API_GROUP,
        ['workspacepolicies', 'relaxations', 'policyapprovals', 'onboardings', 'authorizationmodels'],
        ALL,
      ),
      rule('apiextensions.k8s.io', ['customresourcedefinitions'], ALL),
      rule('admissionregistration.k8s.io', ['validatingadmissionpolicies', 'validatingadmissionpolicybindings'], ALL),
      rule('', ['namespaces'], ALL),
      rule('cilium.io', ['ciliumnetworkpolicies', 'ciliumclusterwidenetworkpolicies'], ALL),
      rule('policy.networking.k8s.io', ['clusternetworkpolicies'], ALL),
    ]);
    this.bindCluster(name, name, [GROUPS.breakGlass]);
  }

  /** Who compare all that is live and let the probe run among the agents; its account has no right at all. */
  private verifiers(platform: Platform): void {
    const name = 'portarium-verifier';
    this.clusterRole(name, [
      rule('discovery.k8s.io', ['endpointslices'], READ),
      rule('rbac.authorization.k8s.io', ['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings'], READ),
      ...Object.entries(FOREIGN_POLICIES).map(([group, resources]) => rule(group, [...resources], READ)),
    ]);
    this.bindCluster(name, name, [GROUPS.verifiers]);
    for (const namespace of agentNamespaces(platform)) {
      new k8s.KubeServiceAccount(this, `${namespace}-${PROBE}`, {
        metadata: { name: PROBE, namespace },
        automountServiceAccountToken: false,
      });
      this.role(name, namespace, [
        rule('batch', ['jobs'], [...READ, 'create', 'delete']),
        // Dry runs of what admission must refuse.
        rule('', ['pods'], [...READ, 'create']),
      ]);
      this.bind(name, namespace, { kind: 'Role', name }, [GROUPS.verifiers]);
    }
  }

  /** What `plan`, `status` and the reachability table read. */
  private readers(platform: Platform): void {
    const name = 'portarium-reader';
    this.clusterRole(name, [
      rule('', ['namespaces', 'pods', 'services', 'serviceaccounts', 'configmaps', 'nodes'], READ),
      rule('apps', ['deployments', 'replicasets', 'statefulsets', 'daemonsets'], READ),
      rule('batch', ['jobs'], READ),
      rule('policy', ['poddisruptionbudgets'], READ),
      rule('storage.k8s.io', ['csidrivers'], READ),
      rule(SPIRE_GROUP, [...SPIRE_RESOURCES], READ),
      rule('monitoring.coreos.com', [...MONITORING], READ),
      rule('networking.k8s.io', ['networkpolicies'], READ),
      rule('cilium.io', ['ciliumnetworkpolicies', 'ciliumclusterwidenetworkpolicies'], READ),
      rule('policy.networking.k8s.io', ['clusternetworkpolicies'], READ),
      rule(
        'admissionregistration.k8s.io',
        ['validatingadmissionpolicies', 'validatingadmissionpolicybindings', 'validatingwebhookconfigurations'],
        READ,
      ),
      rule('apiextensions.k8s.io', ['customresourcedefinitions'], READ),
      rule(
        API_GROUP,
        ['workspacepolicies', 'relaxations', 'policyapprovals', 'onboardings', 'authorizationmodels'],
        READ,
      ),
    ]);
    this.bindCluster(name, name, [
      GROUPS.operators,
      GROUPS.approvers,
      GROUPS.allowlistAdmins,
      GROUPS.breakGlass,
      GROUPS.verifiers,
      GROUPS.platformDeployers,
      ...platform.workspaces.map(({ id }) => deployersOf(id)),
    ]);
  }

  private relaxationRoles(): void {
    const namespace = NAMESPACES.policy;
    this.role('portarium-operator', namespace, [rule(API_GROUP, ['relaxations'], ['create', 'update', 'patch'])]);
    this.bind('portarium-operator', namespace, { kind: 'Role', name: 'portarium-operator' }, [GROUPS.operators]);
    this.role('portarium-approver', namespace, [rule(API_GROUP, ['relaxations'], ['update', 'patch'])]);
    this.bind('portarium-approver', namespace, { kind: 'Role', name: 'portarium-approver' }, [GROUPS.approvers]);
  }

  /** Patching takes the label of the current approval away; that nothing else changes is up to the CRD and admission. */
  private allowlistAdmins(): void {
    const name = 'portarium-allowlist-admin';
    const namespace = NAMESPACES.policy;
    this.role(name, namespace, [rule(API_GROUP, ['policyapprovals'], ['create', 'update', 'patch'])]);
    this.bind(name, namespace, { kind: 'Role', name }, [GROUPS.allowlistAdmins]);
  }

  /**
   * What the authorizer obeys, and where it says what it has loaded; it runs in the api-server's pod, and nothing else
   * there has a token.
   */
  private authorizer(): void {
    const name = 'portarium-authorizer';
    const namespace = NAMESPACES.policy;
    this.role(name, namespace, [
      rule(API_GROUP, ['workspacepolicies', 'relaxations', 'authorizationmodels', 'onboardings'], READ),
      rule(API_GROUP, ['workspacepolicies/status'], ['update', 'patch']),
    ]);
    new k8s.KubeRoleBinding(this, `${name}-binding`, {
      metadata: { name, namespace },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [
        { kind: 'ServiceAccount', name: COMPONENTS.apiServer.name, namespace: COMPONENTS.apiServer.namespace },
      ],
    });
  }

  private workspaceDeployer(id: string, namespace: string): void {
    const name = `portarium-deployer-${id}`;
    this.role(name, namespace, [
      rule('', ['serviceaccounts', 'services', 'configmaps'], ALL),
      // `plan` sends dry-run copies of live pods to admission; creating one for real is up to the guards.
      rule('', ['pods'], [...READ, 'create']),
      rule('apps', ['deployments'], ALL),
      rule('networking.k8s.io', ['networkpolicies'], ALL),
      rule('cilium.io', ['ciliumnetworkpolicies'], ALL),
    ]);
    this.bind(name, namespace, { kind: 'Role', name }, [deployersOf(id)]);
    this.role(name, NAMESPACES.policy, [
      rule(API_GROUP, ['workspacepolicies'], ['create']),
      { ...rule(API_GROUP, ['workspacepolicies'], ['update', 'patch']), resourceNames: [id] },
      rule(API_GROUP, ['relaxations'], ['create', 'update', 'patch']),
      rule('', ['configmaps'], ['create']),
      { ...rule('', ['configmaps'], ['update', 'patch']), resourceNames: [`portarium-inventory-${id}`] },
    ]);
    this.bind(name, NAMESPACES.policy, { kind: 'Role', name }, [deployersOf(id)]);
  }

  /** Workspaces' stacks open the front's bearer listener; admission lets them write nothing else beside it. */
  private frontOpeners(platform: Platform): void {
    const name = 'portarium-front-opener';
    const namespace = COMPONENTS.apiServer.namespace;
    this.role(name, namespace, [
      rule('networking.k8s.io', ['networkpolicies'], ALL),
      rule('cilium.io', ['ciliumnetworkpolicies'], ALL),
    ]);
    if (platform.workspaces.length === 0) return;
    this.bind(
      name,
      namespace,
      { kind: 'Role', name },
      platform.workspaces.map(({ id }) => deployersOf(id)),
    );
  }

  private clusterRole(name: string, rules: k8s.PolicyRule[]): void {
    new k8s.KubeClusterRole(this, name, { metadata: { name }, rules });
  }

  private bindCluster(name: string, role: string, groups: readonly string[]): void {
    new k8s.KubeClusterRoleBinding(this, `${name}-binding`, {
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
      subjects: groups.map(group),
    });
  }

  private role(name: string, namespace: string, rules: k8s.PolicyRule[]): void {
    new k8s.KubeRole(this, `${namespace}-${name}`, { metadata: { name, namespace }, rules });
  }

  private bind(name: string, namespace: string, role: { kind: string; name: string }, groups: readonly string[]): void {
    new k8s.KubeRoleBinding(this, `${namespace}-${name}-binding`, {
      metadata: { name, namespace },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', ...role },
      subjects: groups.map(group),
    });
  }
}

const group = (name: string): k8s.Subject => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name });
