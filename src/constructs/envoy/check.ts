import type { Json, JsonObject } from './typed.js';

/** A configuration that would let somebody in unproven, with where in it. */
export class UnsafeEnvoyConfig extends Error {
  override readonly name = 'UnsafeEnvoyConfig';
  constructor(readonly problems: readonly string[]) {
    super(`Envoy configuration refused:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
}

/**
 * Returns the files of one Envoy as they are, or throws UnsafeEnvoyConfig for what Envoy itself accepts although it
 * authenticates nobody (each measured with Envoy 1.40): `trust_chain_verification` takes any certificate, the plain-CA
 * validator takes another trust domain under the same authority, a listener that only asks for an SVID takes callers
 * without, DNS matchers are ignored by the SPIFFE validator, and filters fail open when told to.
 */
export function checked<Files extends Readonly<Record<string, JsonObject>>>(files: Files): Files {
  const problems = Object.entries(files).flatMap(([file, config]) => [...unsafe(config, file)]);
  if (problems.length > 0) throw new UnsafeEnvoyConfig(problems);
  return files;
}

function* unsafe(value: Json, path: string): Generator<string> {
  if (isList(value)) {
    for (const [index, item] of value.entries()) yield* unsafe(item, `${path}[${index}]`);
    return;
  }
  if (value === null || typeof value !== 'object') return;
  const type = typeof value['@type'] === 'string' ? value['@type'] : '';
  if (type.endsWith('.DownstreamTlsContext')) yield* unsafeTls(value, path, 'server');
  if (type.endsWith('.UpstreamTlsContext')) yield* unsafeTls(value, path, 'client');
  if (type.endsWith('.HttpConnectionManager')) yield* unsafeHttp(value, path);
  for (const [key, member] of Object.entries(value)) {
    const at = `${path}.${key}`;
    const refusal = REFUSED[key];
    if (refusal !== undefined && member !== false) yield `${at}: ${refusal}`;
    yield* unsafe(member, at);
  }
}

const REFUSED: Readonly<Record<string, string>> = {
  trust_chain_verification: 'never set: ACCEPT_UNTRUSTED takes any certificate.',
  disable_spiffe_cert_validation:
    'never set: without the SPIFFE validator another trust domain of the same CA is taken.',
  failure_mode_allow: 'must be false: a check that cannot be made is not passed.',
  allow_expired_certificate: 'never set: an expired SVID is none.',
};

function* unsafeTls(context: JsonObject, path: string, side: 'server' | 'client'): Generator<string> {
  const common = map(context['common_tls_context']);
  const own = list(common['tls_certificate_sds_secret_configs']).map((secret) => text(map(secret)['name']));
  const combined = map(common['combined_validation_context']);
  const plain = map(common['validation_context']);
  const hasSvid = own.some((name) => name.startsWith('spiffe://'));
  const at = `${path}.common_tls_context`;
  if (side === 'server' && map(common['tls_params'])['tls_minimum_protocol_version'] !== 'TLSv1_3') {
    yield `${at}.tls_params: a listener speaks TLS 1.3 only.`;
  }
  if (!hasSvid) {
    if (side === 'server' && (Object.keys(plain).length > 0 || Object.keys(combined).length > 0)) {
      yield `${at}: the plain-CA validator is refused on a listener: it takes other trust domains under the same CA. Demand an SVID, or no certificate.`;
    }
    const names = list(plain['match_typed_subject_alt_names']);
    if (side === 'client' && !names.some((name) => isExact(name, 'DNS'))) {
      yield `${at}.validation_context: a client verifies the exact DNS name of its server.`;
    }
    return;
  }
  const peers = list(map(combined['default_validation_context'])['match_typed_subject_alt_names']);
  if (peers.length === 0 || !peers.every((peer) => map(peer)['san_type'] === 'URI')) {
    yield `${at}.combined_validation_context: at least one matcher, and of URIs only: the SPIFFE validator ignores the others.`;
  }
  if (side === 'client' && !peers.every((peer) => isExact(peer, 'URI'))) {
    yield `${at}.combined_validation_context: a client takes the exact SPIFFE ID of its server.`;
  }
  if (!peers.every((peer) => isSpiffeMatcher(map(map(peer)['matcher'])))) {
    yield `${at}.combined_validation_context: a matcher is an exact SPIFFE ID, or a prefix of one that ends with "/".`;
  }
  if (!text(map(combined['validation_context_sds_secret_config'])['name']).startsWith('spiffe://')) {
    yield `${at}.combined_validation_context: the bundle is the trust domain's own, by name.`;
  }
  if ('trusted_ca' in map(combined['default_validation_context'])) {
    yield `${at}.combined_validation_context: no authorities beside SPIRE's bundle.`;
  }
  if (side === 'server' && context['require_client_certificate'] !== true) {
    yield `${path}.require_client_certificate: must be true: an SVID that is optional on a listener does not exist.`;
  }
}

function* unsafeHttp(manager: JsonObject, path: string): Generator<string> {
  const forward = manager['forward_client_cert_details'];
  if (forward !== 'SANITIZE' && forward !== 'SANITIZE_SET') {
    yield `${path}.forward_client_cert_details: what a client says of its certificate is dropped (SANITIZE, SANITIZE_SET).`;
  }
}

const ID = /^spiffe:\/\/[a-z0-9._-]+\/ns\/[a-z0-9-]+\/sa\//;

const isSpiffeMatcher = (matcher: JsonObject): boolean => {
  const { exact, prefix } = matcher;
  if (typeof exact === 'string') return ID.test(exact) && !exact.endsWith('/');
  return typeof prefix === 'string' && ID.test(prefix) && prefix.endsWith('/');
};

const isExact = (name: Json, type: string): boolean =>
  map(name)['san_type'] === type && typeof map(map(name)['matcher'])['exact'] === 'string';

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

const map = (value: Json | undefined): JsonObject =>
  value !== undefined && value !== null && typeof value === 'object' && !isList(value) ? value : {};

const list = (value: Json | undefined): readonly Json[] => (value !== undefined && isList(value) ? value : []);

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
