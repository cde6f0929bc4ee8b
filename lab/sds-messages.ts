import type { ServiceDefinition } from '@grpc/grpc-js';
import { fromJSON, type MessageTypeDefinition } from '@grpc/proto-loader';

/**
 * The messages of Envoy's Secret Discovery Service that a server like SPIRE's agent needs; fields that it neither reads
 * nor writes are left out. Names and numbers are those of envoy.service.discovery.v3,
 * envoy.extensions.transport_sockets.tls.v3, envoy.config.core.v3 and google.protobuf.Any.
 */
const definition = fromJSON(
  {
    nested: {
      envoy: {
        nested: {
          SecretDiscoveryService: {
            methods: {
              StreamSecrets: {
                requestType: 'DiscoveryRequest',
                requestStream: true,
                responseType: 'DiscoveryResponse',
                responseStream: true,
                comment: '',
              },
            },
          },
          Status: { fields: { message: { type: 'string', id: 2 } } },
          DiscoveryRequest: {
            fields: {
              versionInfo: { type: 'string', id: 1 },
              resourceNames: { rule: 'repeated', type: 'string', id: 3 },
              typeUrl: { type: 'string', id: 4 },
              responseNonce: { type: 'string', id: 5 },
              errorDetail: { type: 'Status', id: 6 },
            },
          },
          DiscoveryResponse: {
            fields: {
              versionInfo: { type: 'string', id: 1 },
              resources: { rule: 'repeated', type: 'Any', id: 2 },
              typeUrl: { type: 'string', id: 4 },
              nonce: { type: 'string', id: 5 },
            },
          },
          Any: { fields: { typeUrl: { type: 'string', id: 1 }, value: { type: 'bytes', id: 2 } } },
          DataSource: { fields: { inlineBytes: { type: 'bytes', id: 2 } } },
          Secret: {
            fields: {
              name: { type: 'string', id: 1 },
              tlsCertificate: { type: 'TlsCertificate', id: 2 },
              validationContext: { type: 'CertificateValidationContext', id: 4 },
            },
          },
          TlsCertificate: {
            fields: {
              certificateChain: { type: 'DataSource', id: 1 },
              privateKey: { type: 'DataSource', id: 2 },
            },
          },
          CertificateValidationContext: { fields: { customValidatorConfig: { type: 'TypedExtensionConfig', id: 12 } } },
          TypedExtensionConfig: {
            fields: { name: { type: 'string', id: 1 }, typedConfig: { type: 'Any', id: 2 } },
          },
          SPIFFECertValidatorConfig: { fields: { trustDomains: { rule: 'repeated', type: 'TrustDomain', id: 1 } } },
          TrustDomain: {
            fields: { name: { type: 'string', id: 1 }, trustBundle: { type: 'DataSource', id: 2 } },
          },
        },
      },
    },
  },
  { defaults: true },
);

export interface DiscoveryRequest {
  readonly resourceNames: readonly string[];
  /** Of the answer that this one acknowledges, or refuses with `errorDetail`; empty in the first request. */
  readonly responseNonce: string;
  readonly errorDetail: { readonly message: string } | null;
}

export interface DiscoveryResponse {
  readonly versionInfo: string;
  readonly resources: readonly Any[];
  readonly typeUrl: string;
  readonly nonce: string;
}

export interface Any {
  readonly typeUrl: string;
  readonly value: Buffer;
}

const TLS = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3';

export const SECRET_TYPE = `${TLS}.Secret`;

const { StreamSecrets } = definition['envoy.SecretDiscoveryService'] as ServiceDefinition;
if (StreamSecrets === undefined) throw new Error('the service has no method StreamSecrets');

/** Delta streams and single fetches are not implemented, as in SPIRE. */
export const secretDiscovery = {
  StreamSecrets: { ...StreamSecrets, path: '/envoy.service.secret.v3.SecretDiscoveryService/StreamSecrets' },
};

const bytes = (message: string, value: object): Buffer =>
  (definition[`envoy.${message}`] as MessageTypeDefinition<object, object>).serialize(value);

/** A resource as a client reads it: PEM of a certificate chain and its key, or of authorities by trust domain. */
export interface Secret {
  readonly name: string;
  readonly tlsCertificate: { readonly certificateChain: Inline; readonly privateKey: Inline } | null;
  readonly validationContext: {
    readonly customValidatorConfig: { readonly name: string; readonly typedConfig: Any };
  } | null;
}

interface Inline {
  readonly inlineBytes: Buffer;
}

const read = (message: string, value: Buffer): object =>
  (definition[`envoy.${message}`] as MessageTypeDefinition<object, object>).deserialize(value);

export const readSecret = ({ value }: Any): Secret => read('Secret', value) as Secret;

/** PEM of authorities by trust domain, of a bundle with Envoy's SPIFFE validator. */
export function readBundles({ validationContext }: Secret): Readonly<Record<string, string>> {
  const config = validationContext?.customValidatorConfig.typedConfig.value ?? Buffer.alloc(0);
  const { trustDomains } = read('SPIFFECertValidatorConfig', config) as {
    trustDomains: readonly { name: string; trustBundle: Inline }[];
  };
  return Object.fromEntries(trustDomains.map(({ name, trustBundle }) => [name, trustBundle.inlineBytes.toString()]));
}

const pem = (text: string): object => ({ inlineBytes: Buffer.from(text) });

/** A certificate and its key as a resource. */
export const certificateSecret = (name: string, certificate: string, key: string): Any => ({
  typeUrl: SECRET_TYPE,
  value: bytes('Secret', { name, tlsCertificate: { certificateChain: pem(certificate), privateKey: pem(key) } }),
});

/** Authorities by trust domain as a resource, with Envoy's SPIFFE validator: the way SPIRE serves them. */
export const bundleSecret = (name: string, bundles: Readonly<Record<string, string>>): Any => ({
  typeUrl: SECRET_TYPE,
  value: bytes('Secret', {
    name,
    validationContext: {
      customValidatorConfig: {
        name: 'envoy.tls.cert_validator.spiffe',
        typedConfig: {
          typeUrl: `${TLS}.SPIFFECertValidatorConfig`,
          value: bytes('SPIFFECertValidatorConfig', {
            trustDomains: Object.entries(bundles).map(([domain, authorities]) => ({
              name: domain,
              trustBundle: pem(authorities),
            })),
          }),
        },
      },
    },
  }),
});
