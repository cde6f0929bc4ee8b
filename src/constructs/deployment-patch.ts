import { ApiObject, JsonPatch } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { LABELS } from '../model/names.js';

export interface DeploymentPatchProps {
  /** The Deployment's; it belongs to others and may not be there yet. */
  readonly name: string;
  readonly namespace: string;
  /** The stack that owns what is added, and takes it away again. */
  readonly stack: string;
  /** On the pods. @default none */
  readonly annotations?: Readonly<Record<string, string>>;
  /** On the pods. @default none */
  readonly labels?: Readonly<Record<string, string>>;
  /** Before the Deployment's own, in this order. @default none */
  readonly initContainers?: readonly k8s.Container[];
  /** Beside the Deployment's own. @default none */
  readonly volumes?: readonly k8s.Volume[];
}

/**
 * Part of a Deployment that another chart deploys: sidecars (native, so init containers) and their volumes, applied
 * server-side and released when it is no longer rendered. Everything else of the Deployment stays its owner's, so it
 * does not carry the stack's label: nothing that prunes or destroys the stack may delete it.
 * Source: issue "Workload identity and mTLS"; docs/adr/0005.
 */
export class DeploymentPatch extends Construct {
  constructor(scope: Construct, id: string, props: DeploymentPatchProps) {
    super(scope, id);
    const { name, namespace, stack, annotations, labels, initContainers, volumes } = props;
    const metadata = { ...(annotations && { annotations }), ...(labels && { labels }) };
    const spec = {
      ...(initContainers && { initContainers: initContainers.map(k8s.toJson_Container) }),
      ...(volumes && { volumes: volumes.map(k8s.toJson_Volume) }),
    };
    const patch = new ApiObject(this, 'deployment', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace, labels: { [LABELS.patchedBy]: stack } },
      spec: { template: { ...(Object.keys(metadata).length > 0 && { metadata }), spec } },
    });
    // The chart puts it on every object.
    patch.addJsonPatch(JsonPatch.remove(`/metadata/labels/${LABELS.stack.replaceAll('/', '~1')}`));
  }
}
