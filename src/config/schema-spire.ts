import { z } from 'zod';
import { SPIRE_SERVER_NAMESPACES } from '../model/spire.js';
import {
  awsArn,
  awsRegion,
  databaseName,
  dnsLabel,
  dnsName,
  httpsUrl,
  image,
  labelValue,
  nodeLabelKey,
  oneOf,
  podLabels,
  port,
  quantity,
  strict,
  timeSpan,
  uid,
  vaultPath,
} from './values.js';
import { oneOfTypes } from './one-of-types.js';

const datastore = oneOfTypes(
  ['sqlite', 'postgres'],
  [
    strict({ type: z.literal('sqlite') }),
    strict({
      type: z.literal('postgres'),
      host: dnsName,
      port: port.default(5432),
      database: databaseName.default('spire'),
      user: databaseName.default('spire'),
      passwordSecret: dnsLabel.default('spire-postgres'),
      caSecret: dnsLabel.default('spire-postgres-ca'),
    }),
  ],
);

const keyManager = oneOfTypes(
  ['disk', 'memory', 'aws_kms'],
  [
    strict({ type: z.literal('disk') }),
    strict({ type: z.literal('memory') }),
    strict({ type: z.literal('aws_kms'), region: awsRegion }),
  ],
);

const upstreamAuthority = oneOfTypes(
  ['disk', 'cert-manager', 'vault', 'aws_pca'],
  [
    strict({ type: z.literal('disk'), secret: dnsLabel, selfSigned: z.boolean().default(false) }),
    strict({
      type: z.literal('cert-manager'),
      issuerName: dnsLabel,
      issuerKind: oneOf(['Issuer', 'ClusterIssuer']).default('Issuer'),
    }),
    strict({
      type: z.literal('vault'),
      address: httpsUrl,
      pkiMount: vaultPath.default('pki'),
      authMount: vaultPath.default('kubernetes'),
      role: dnsLabel.default('spire-server'),
      caSecret: dnsLabel,
    }),
    strict({ type: z.literal('aws_pca'), region: awsRegion, certificateAuthorityArn: awsArn }),
  ],
);

const workload = { name: dnsLabel, namespace: dnsLabel, serviceAccount: dnsLabel };

/** `spire` of the platform's config. */
export const spireSchema = strict({
  clusterName: dnsLabel.default('portarium').meta({ description: 'Part of the SPIFFE IDs of SPIRE’s agents.' }),
  namespace: oneOf(SPIRE_SERVER_NAMESPACES).default('portarium-control-plane'),
  replicas: z.int().min(1).max(9).default(1),
  datastore: datastore.prefault({ type: 'sqlite' }),
  keyManager: keyManager.prefault({ type: 'disk' }),
  upstreamAuthority: upstreamAuthority.optional().meta({ description: 'Who signs the server’s CA; else itself.' }),
  awsRoleArn: awsArn.optional(),
  storage: strict({ size: quantity.default('1Gi'), storageClass: dnsLabel.optional() }).prefault({}),
  caTtl: timeSpan.default('24h'),
  x509Ttl: timeSpan.default('1h'),
  outageTolerance: timeSpan
    .default('25m')
    .meta({ description: 'How long SVIDs outlive the server; at most 45 % of x509Ttl.' }),
  kubelet: strict({
    access: oneOf(['nodes/pods', 'nodes/proxy']).default('nodes/pods'),
    address: oneOf(['hostIP', 'nodeName']).default('hostIP'),
    caConfigMap: dnsLabel.optional(),
  }).prefault({}),
  images: strict({
    server: image.default('ghcr.io/spiffe/spire-server:1.15.3'),
    agent: image.default('ghcr.io/spiffe/spire-agent:1.15.3'),
    controllerManager: image.default('ghcr.io/spiffe/spire-controller-manager:0.7.0'),
    csiDriver: image.default('ghcr.io/spiffe/spiffe-csi-driver:0.2.7'),
    registrar: image.default('registry.k8s.io/sig-storage/csi-node-driver-registrar:v2.15.0'),
  }).prefault({}),
  workloads: z.array(strict({ ...workload, podLabels })).default([]),
  bridges: z
    .array(
      strict({
        ...workload,
        nodeUid: uid.optional(),
        nodeLabel: strict({ key: nodeLabelKey, value: labelValue }).optional(),
      }).refine(({ nodeUid, nodeLabel }) => (nodeUid === undefined) !== (nodeLabel === undefined), {
        error: 'exactly one of "nodeUid" and "nodeLabel".',
      }),
    )
    .default([]),
}).prefault({});
