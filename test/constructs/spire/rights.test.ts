import { expect, it } from 'vitest';
import { renderSpire } from './fixture.js';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** `create authentication.k8s.io/tokenreviews`, `get /configmaps spire-bundle in portarium-spire` */
function rightsOf(account: string, objects: ReturnType<typeof renderSpire>): readonly string[] {
  return objects
    .filter(({ kind, ...binding }) => kind.endsWith('RoleBinding') && isBound(binding, account))
    .flatMap((binding) => {
      const { kind, name } = binding['roleRef'] as { kind: string; name: string };
      const { namespace } = binding.metadata;
      const role = objects.find(
        (object) =>
          object.kind === kind &&
          object.metadata.name === name &&
          (kind === 'ClusterRole' || object.metadata.namespace === namespace),
      )!;
      return (role['rules'] as readonly Rule[]).flatMap(({ apiGroups, resources, verbs, resourceNames }) =>
        resources.map((resource) =>
          [
            `${verbs.join(',')} ${apiGroups.join()}/${resource}`,
            ...(resourceNames ?? []),
            ...(namespace === undefined ? [] : [`in ${namespace}`]),
          ].join(' '),
        ),
      );
    })
    .sort();
}

const isBound = (binding: object, account: string): boolean =>
  (binding as { subjects: { kind: string; name: string }[] }).subjects.some(
    ({ kind, name }) => kind === 'ServiceAccount' && name === account,
  );

it('the server and its controller manager may do this and nothing else', () => {
  expect(rightsOf('spire-server', renderSpire())).toEqual([
    'create authentication.k8s.io/tokenreviews',
    'create coordination.k8s.io/leases in portarium-control-plane',
    'create,patch /events in portarium-control-plane',
    'create,patch events.k8s.io/events in portarium-control-plane',
    'get /nodes',
    'get /pods',
    'get,list,watch /endpoints',
    'get,list,watch /namespaces',
    'get,list,watch /nodes',
    'get,list,watch /pods',
    'get,list,watch spire.spiffe.io/clusterfederatedtrustdomains',
    'get,list,watch spire.spiffe.io/clusterspiffeids',
    'get,list,watch spire.spiffe.io/clusterstaticentries',
    'get,patch admissionregistration.k8s.io/validatingwebhookconfigurations portarium-spire-webhook',
    'get,patch,create /configmaps spire-bundle in portarium-spire',
    'get,patch,update spire.spiffe.io/clusterfederatedtrustdomains/status',
    'get,patch,update spire.spiffe.io/clusterspiffeids/status',
    'get,patch,update spire.spiffe.io/clusterstaticentries/status',
    'get,update coordination.k8s.io/leases spire-controller-manager in portarium-control-plane',
    'list,watch admissionregistration.k8s.io/validatingwebhookconfigurations',
  ]);
});

it('an agent may read the pods of a node, and the CSI driver nothing', () => {
  expect(rightsOf('spire-agent', renderSpire())).toEqual(['get /nodes/pods']);
  expect(rightsOf('spiffe-csi-driver', renderSpire())).toEqual([]);
});
