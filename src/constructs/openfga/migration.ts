import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { sha256 } from '../../model/canonical.js';
import { tryVersion } from '../../model/image-version.js';
import { OPENFGA_MIGRATION, OPENFGA_SECRETS } from '../../model/openfga.js';
import type { OpenFga, Platform } from '../../model/platform.js';
import { resources } from '../container.js';
import { RESTRICTED_CONTAINER, RESTRICTED_POD } from '../restricted.js';
import { datastoreOf } from './datastore.js';

/**
 * Brings the database's schema to the server's version: a Job for each version, with a role of the database that may
 * change the schema, which the servers' own may not.
 *
 * Never init containers of the servers: migrations take no lock, and one of them makes its indexes concurrently. A Job
 * cannot be changed, so its name holds the version and a hash of what it runs; the last one stays as the record.
 * Source: OpenFGA, pkg/storage/migrate; assets/migrations/postgres (006).
 */
export class OpenFgaMigration extends Construct {
  constructor(scope: Construct, id: string, { openfga }: Platform) {
    super(scope, id);
    const { namespace, labels: podLabels } = OPENFGA_MIGRATION;
    const labels = { ...podLabels };
    new k8s.KubeServiceAccount(this, 'service-account', {
      metadata: { name: OPENFGA_MIGRATION.serviceAccount!, namespace, labels },
      automountServiceAccountToken: false,
    });
    const template = podTemplate(openfga, labels);
    new k8s.KubeJob(this, 'job', {
      metadata: { name: nameOf(openfga, template), namespace, labels },
      spec: {
        parallelism: 1,
        completions: 1,
        backoffLimit: 6,
        // Only once the last one has ended: two at a time would meet in the schema.
        podReplacementPolicy: 'Failed',
        template,
      },
    });
  }
}

const nameOf = ({ image }: OpenFga, template: k8s.PodTemplateSpec): string => {
  const version = tryVersion(image)?.join('-') ?? 'unknown';
  return `${OPENFGA_MIGRATION.name}-${version}-${sha256(k8s.toJson_PodTemplateSpec(template)).slice(0, 8)}`;
};

function podTemplate(openfga: OpenFga, labels: Record<string, string>): k8s.PodTemplateSpec {
  const { env, mounts, volumes } = datastoreOf(openfga, OPENFGA_SECRETS.migration);
  return {
    metadata: { labels },
    spec: {
      serviceAccountName: OPENFGA_MIGRATION.serviceAccount!,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      restartPolicy: 'Never',
      securityContext: { ...RESTRICTED_POD, fsGroup: RESTRICTED_POD.runAsGroup },
      containers: [
        {
          name: 'migrate',
          image: openfga.image,
          args: ['migrate'],
          env: [...env, { name: 'OPENFGA_LOG_FORMAT', value: 'json' }],
          resources: resources('50m', '64Mi', '256Mi'),
          securityContext: RESTRICTED_CONTAINER,
          volumeMounts: mounts,
        },
      ],
      volumes,
    },
  };
}
