import * as k8s from '@pulumi/kubernetes';
import type { CustomResource, CustomResourceOptions } from '@pulumi/pulumi';
import { isPatch, type KubeObject } from '../model/kube-object.js';

type ResourceClass = new (name: string, args: never, opts: CustomResourceOptions) => CustomResource;

/**
 * Kinds that the SDK has a class for, by apiVersion and kind. For named groups the class only adds a type; for the core
 * group it also decides the URN (`kubernetes:core/v1:…`), so a kind that moved here later would be replaced.
 */
const CLASSES: Readonly<Record<string, ResourceClass>> = {
  'v1 ConfigMap': k8s.core.v1.ConfigMap,
  'v1 Namespace': k8s.core.v1.Namespace,
  'v1 Pod': k8s.core.v1.Pod,
  'v1 Secret': k8s.core.v1.Secret,
  'v1 Service': k8s.core.v1.Service,
  'v1 ServiceAccount': k8s.core.v1.ServiceAccount,
  'admissionregistration.k8s.io/v1 MutatingAdmissionPolicy': k8s.admissionregistration.v1.MutatingAdmissionPolicy,
  'admissionregistration.k8s.io/v1 MutatingAdmissionPolicyBinding':
    k8s.admissionregistration.v1.MutatingAdmissionPolicyBinding,
  'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy': k8s.admissionregistration.v1.ValidatingAdmissionPolicy,
  'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding':
    k8s.admissionregistration.v1.ValidatingAdmissionPolicyBinding,
  'admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration':
    k8s.admissionregistration.v1.ValidatingWebhookConfiguration,
  'apiextensions.k8s.io/v1 CustomResourceDefinition': k8s.apiextensions.v1.CustomResourceDefinition,
  'apps/v1 DaemonSet': k8s.apps.v1.DaemonSet,
  'apps/v1 Deployment': k8s.apps.v1.Deployment,
  'apps/v1 StatefulSet': k8s.apps.v1.StatefulSet,
  'batch/v1 CronJob': k8s.batch.v1.CronJob,
  'batch/v1 Job': k8s.batch.v1.Job,
  'networking.k8s.io/v1 NetworkPolicy': k8s.networking.v1.NetworkPolicy,
  'policy/v1 PodDisruptionBudget': k8s.policy.v1.PodDisruptionBudget,
  'rbac.authorization.k8s.io/v1 ClusterRole': k8s.rbac.v1.ClusterRole,
  'rbac.authorization.k8s.io/v1 ClusterRoleBinding': k8s.rbac.v1.ClusterRoleBinding,
  'rbac.authorization.k8s.io/v1 Role': k8s.rbac.v1.Role,
  'rbac.authorization.k8s.io/v1 RoleBinding': k8s.rbac.v1.RoleBinding,
  'storage.k8s.io/v1 CSIDriver': k8s.storage.v1.CSIDriver,
};

/** Classes that apply a part of an object, and release it where others delete. */
const PATCH_CLASSES: Readonly<Record<string, ResourceClass>> = {
  'apps/v1 Deployment': k8s.apps.v1.DeploymentPatch,
};

/**
 * The class that registers the object: the SDK's own, `CustomResource` for every other kind. Throws for a patch of
 * another kind than Deployment, and for a kind of the core group that is not in the table, since its URN would depend on
 * when it was added.
 */
export function classOf(object: KubeObject): ResourceClass {
  const { apiVersion, kind } = object;
  const known = (isPatch(object) ? PATCH_CLASSES : CLASSES)[`${apiVersion} ${kind}`];
  if (known !== undefined) return known;
  if (isPatch(object)) throw new Error(`${apiVersion} ${kind} cannot be patched: only apps/v1 Deployment can.`);
  if (!apiVersion.includes('/')) {
    throw new Error(`${apiVersion} ${kind} has no class yet: add it to src/bridge/pulumi-types.ts first.`);
  }
  return k8s.apiextensions.CustomResource;
}
