import { createRequire } from 'node:module';
import { ProviderResource } from '@pulumi/pulumi';

const { version } = createRequire(import.meta.url)('@pulumi/kubernetes/package.json') as { version: string };

export interface ClusterProviderArgs {
  /** Path or contents. @default - the pod's own service account */
  readonly kubeconfig?: string;
  /** @default - the kubeconfig's current context */
  readonly context?: string;
  /**
   * What tells this cluster from every other, whatever the kubeconfig says: a deployment of the stack to another one is
   * a replacement of every object, which the protected baseline refuses.
   * @default - unknown, in a preview without a cluster
   */
  readonly clusterIdentifier?: string;
}

/** The stack's only provider, named `cluster`. Not `k8s.Provider`, since that drops `strictMode`. */
export class ClusterProvider extends ProviderResource {
  constructor({ kubeconfig, context, clusterIdentifier }: ClusterProviderArgs) {
    super(
      'kubernetes',
      'cluster',
      {
        ...(kubeconfig === undefined ? {} : { kubeconfig }),
        ...(context === undefined ? {} : { context }),
        ...(clusterIdentifier === undefined ? {} : { clusterIdentifier }),
        // Refuses the default provider, which deploys to wherever the shell points.
        ...(kubeconfig === undefined || context === undefined ? {} : { strictMode: 'true' }),
        // Otherwise a change of data is a delete and a create: DNS and proxies would lose their config in between.
        enableConfigMapMutable: 'true',
        enableSecretMutable: 'true',
        enableServerSideApply: 'true',
        // Every field that we render is ours, whoever wrote it last.
        enablePatchForce: 'true',
        // Creation by server-side apply, so that what `enforce apply` made or a destroy kept is adopted. Safe, since
        // names of resources follow names of objects, and the preflight has refused what is not this stack's.
        upsertExistingObjects: 'true',
      },
      { version },
    );
  }
}
