import { App, Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import type { KubeObject } from '../../src/model/kube-object.js';

interface Patch {
  readonly metadata: KubeObject['metadata'];
  readonly spec: {
    readonly template: {
      readonly metadata: { readonly annotations: Readonly<Record<string, string>> };
      readonly spec: object;
    };
  };
}
interface Files {
  readonly metadata: KubeObject['metadata'];
  readonly data: Readonly<Record<string, string>>;
}

/** What a construct renders that patches one Deployment: the patch, and ConfigMaps by name. */
export function patched(make: (scope: Construct) => unknown) {
  const chart = new Chart(new App(), 'platform', { labels: { 'portarium.io/stack': 'platform' } });
  make(chart);
  const objects = chart.toJson() as unknown as (Patch & Files & KubeObject)[];
  const [patch, ...others] = objects.filter(({ kind }) => kind === 'Deployment');
  if (patch === undefined || others.length > 0) throw new Error(`${1 + others.length} patches`);
  const files = objects.filter(({ kind }) => kind === 'ConfigMap');
  return { objects, patch, files: new Map(files.map((object) => [object.metadata.name, object] as const)) };
}
