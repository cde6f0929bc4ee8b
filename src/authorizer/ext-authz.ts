import type { ServiceDefinition } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';

/** Fields of a message: name to type and number. */
const fields = (of: Readonly<Record<string, readonly [type: string, id: number]>>) => ({
  fields: Object.fromEntries(Object.entries(of).map(([name, [type, id]]) => [name, field(type, id)])),
});

function field(type: string, id: number): object {
  const [, keyType, valueType] = /^map<(.+), (.+)>$/.exec(type) ?? [];
  if (keyType !== undefined) return { keyType, type: valueType, id };
  const [, item] = /^repeated (.+)$/.exec(type) ?? [];
  return item === undefined ? { type, id } : { type: item, id, rule: 'repeated' };
}

const nested = (of: object) => ({ nested: of });

/**
 * `envoy.service.auth.v3.Authorization` as far as it is used here: Envoy's package names, field names and numbers, and
 * none of the fields that are neither read nor written. Unknown fields are skipped on the wire. A descriptor and no
 * .proto file, so that compiled code and bundles need no file beside them.
 * Source: Envoy's API, envoy/service/auth/v3/{external_auth,attribute_context}.proto.
 */
const DESCRIPTOR = nested({
  envoy: nested({
    service: nested({
      auth: nested({
        v3: nested({
          Authorization: { methods: { Check: { requestType: 'CheckRequest', responseType: 'CheckResponse' } } },
          CheckRequest: fields({ attributes: ['AttributeContext', 1] }),
          AttributeContext: {
            ...fields({
              source: ['Peer', 1],
              request: ['Request', 4],
              contextExtensions: ['map<string, string>', 10],
              metadataContext: ['envoy.config.core.v3.Metadata', 11],
            }),
            ...nested({
              Peer: fields({ principal: ['string', 4] }),
              Request: fields({ http: ['HttpRequest', 2] }),
              HttpRequest: fields({
                id: ['string', 1],
                method: ['string', 2],
                headers: ['map<string, string>', 3],
                path: ['string', 4],
                rawBody: ['bytes', 12],
              }),
            }),
          },
          CheckResponse: {
            ...fields({
              status: ['google.rpc.Status', 1],
              deniedResponse: ['DeniedHttpResponse', 2],
              okResponse: ['OkHttpResponse', 3],
              dynamicMetadata: ['google.protobuf.Struct', 4],
            }),
            oneofs: { httpResponse: { oneof: ['deniedResponse', 'okResponse'] } },
          },
          DeniedHttpResponse: fields({
            status: ['envoy.type.v3.HttpStatus', 1],
            headers: ['repeated envoy.config.core.v3.HeaderValueOption', 2],
            body: ['string', 3],
          }),
          OkHttpResponse: fields({
            headers: ['repeated envoy.config.core.v3.HeaderValueOption', 2],
            headersToRemove: ['repeated string', 5],
          }),
        }),
      }),
    }),
    config: nested({
      core: nested({
        v3: nested({
          Metadata: fields({ filterMetadata: ['map<string, google.protobuf.Struct>', 1] }),
          HeaderValue: fields({ key: ['string', 1], value: ['string', 2] }),
          HeaderValueOption: {
            ...fields({ header: ['HeaderValue', 1], appendAction: ['HeaderAppendAction', 3] }),
            ...nested({
              HeaderAppendAction: { values: { APPEND_IF_EXISTS_OR_ADD: 0, OVERWRITE_IF_EXISTS_OR_ADD: 2 } },
            }),
          },
        }),
      }),
    }),
    // Envoy's StatusCode is an enum of the codes themselves: the same on the wire.
    type: nested({ v3: nested({ HttpStatus: fields({ code: ['int32', 1] }) }) }),
  }),
  google: nested({
    rpc: nested({ Status: fields({ code: ['int32', 1], message: ['string', 2] }) }),
    protobuf: nested({
      Struct: fields({ fields: ['map<string, Value>', 1] }),
      Value: {
        ...fields({
          nullValue: ['NullValue', 1],
          numberValue: ['double', 2],
          stringValue: ['string', 3],
          boolValue: ['bool', 4],
          structValue: ['Struct', 5],
          listValue: ['ListValue', 6],
        }),
        oneofs: {
          kind: { oneof: ['nullValue', 'numberValue', 'stringValue', 'boolValue', 'structValue', 'listValue'] },
        },
      },
      ListValue: fields({ values: ['repeated Value', 1] }),
      NullValue: { values: { NULL_VALUE: 0 } },
    }),
  }),
});

/** `google.protobuf.Struct`: JSON's object. */
export interface Struct {
  readonly fields?: Readonly<Record<string, Value>> | null;
}

/** Exactly one member is there. */
export interface Value {
  readonly nullValue?: 'NULL_VALUE';
  readonly numberValue?: number;
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly structValue?: Struct;
  readonly listValue?: { readonly values?: readonly Value[] };
}

export interface CheckRequest {
  readonly attributes?: {
    readonly source?: { readonly principal?: string };
    readonly request?: {
      readonly http?: {
        readonly id?: string;
        readonly method?: string;
        readonly path?: string;
        readonly rawBody?: Uint8Array;
        readonly headers?: Readonly<Record<string, string>>;
      };
    };
    readonly contextExtensions?: Readonly<Record<string, string>>;
    readonly metadataContext?: { readonly filterMetadata?: Readonly<Record<string, Struct>> };
  };
}

export interface HeaderValueOption {
  readonly header: { readonly key: string; readonly value: string };
  readonly appendAction: 'APPEND_IF_EXISTS_OR_ADD' | 'OVERWRITE_IF_EXISTS_OR_ADD';
}

export interface CheckResponse {
  /** A code of google.rpc.Code: 0 lets the request pass. */
  readonly status: { readonly code: number; readonly message?: string };
  readonly deniedResponse?: {
    readonly status: { readonly code: number };
    readonly headers: readonly HeaderValueOption[];
    readonly body: string;
  };
  readonly okResponse?: {
    readonly headers: readonly HeaderValueOption[];
    readonly headersToRemove: readonly string[];
  };
  readonly dynamicMetadata?: Struct;
}

/** The service as @grpc/grpc-js takes it. */
export const AUTHORIZATION = fromJSON(DESCRIPTOR as Parameters<typeof fromJSON>[0], { enums: String })[
  'envoy.service.auth.v3.Authorization'
] as unknown as ServiceDefinition;
