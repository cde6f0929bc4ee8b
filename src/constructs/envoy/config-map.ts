import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { basename } from 'node:path/posix';
import { sha256 } from '../../model/canonical.js';
import { checked } from './check.js';
import type { JsonObject } from './typed.js';

export interface EnvoyConfigProps {
  readonly name: string;
  readonly namespace: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** By path in the container. */
  readonly files: Readonly<Record<string, JsonObject>>;
}

/** The files of one Envoy as a ConfigMap. Throws UnsafeEnvoyConfig for what would let somebody in unproven. */
export class EnvoyConfig extends Construct {
  /** Of the files, for the pod template: Envoy reads its bootstrap once. */
  readonly hash: string;

  constructor(scope: Construct, id: string, { name, namespace, labels, files }: EnvoyConfigProps) {
    super(scope, id);
    const safe = checked(files);
    this.hash = sha256(safe);
    new k8s.KubeConfigMap(this, 'files', {
      metadata: { name, namespace, ...(labels && { labels: { ...labels } }) },
      data: Object.fromEntries(
        Object.entries(safe).map(([path, config]) => [basename(path), `${JSON.stringify(config, null, 1)}\n`]),
      ),
    });
  }
}
