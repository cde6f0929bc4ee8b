import type { KubeObject } from '../../../src/model/kube-object.js';
import { ciliumPolicyMutants } from './cilium-policy-mutants.js';
import { clusterPolicyMutants } from './cluster-policy-mutants.js';
import { bindingMutants, guardMutants } from './guard-mutants.js';
import type { Mutant } from './mutant.js';
import { networkPolicyMutants } from './network-policy-mutants.js';
import {
  grantMutants,
  namespaceMutants,
  rbacMutants,
  registrationMutants,
  workloadMutants,
  workspacePolicyMutants,
} from './standing-mutants.js';

type Make = (of: KubeObject) => readonly Mutant[];

const NETWORK: Readonly<Record<string, Make>> = {
  NetworkPolicy: networkPolicyMutants,
  ClusterNetworkPolicy: clusterPolicyMutants,
  CiliumNetworkPolicy: ciliumPolicyMutants,
  CiliumClusterwideNetworkPolicy: ciliumPolicyMutants,
};

const GUARDS: Readonly<Record<string, Make>> = {
  ValidatingAdmissionPolicy: guardMutants,
  ValidatingAdmissionPolicyBinding: bindingMutants,
};

const STANDING: Readonly<Record<string, Make>> = {
  Namespace: namespaceMutants,
  ClusterSPIFFEID: registrationMutants,
  ClusterStaticEntry: registrationMutants,
  WorkspacePolicy: workspacePolicyMutants,
  Deployment: workloadMutants,
  ClusterRole: rbacMutants,
  Role: rbacMutants,
  ClusterRoleBinding: rbacMutants,
  RoleBinding: rbacMutants,
};

const made =
  (by: Readonly<Record<string, Make>>) =>
  (objects: readonly KubeObject[]): readonly Mutant[] =>
    objects.flatMap((object) => by[object.kind]?.(object) ?? []);

/** Of what decides claims P and D alone. */
export const networkMutants = made(NETWORK);

/** The same without nine in ten of the address ranges that stand for everything public: they are alike. */
export const sampledMutants = (objects: readonly KubeObject[]): readonly Mutant[] =>
  networkMutants(objects).filter(({ kind, field }) => {
    const [, range] = /\.to\[(\d+)\]/.exec(field) ?? [];
    return !kind.startsWith('ipBlock') || Number(range) % 10 === 0;
  });

/** Of the guards and their bindings, which all claims rest on. */
export const guardsMutants = made(GUARDS);

/** Of who is whom, holds what and may change what. */
export const standingMutants = (objects: readonly KubeObject[]): readonly Mutant[] => [
  ...made(STANDING)(objects),
  ...grantMutants(['cluster-admin', 'edit', ...objects.filter(({ kind }) => kind === 'ClusterRole').map(nameOf)]),
];

const nameOf = ({ metadata }: KubeObject): string => metadata.name;
