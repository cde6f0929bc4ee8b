import { describe, expect, it } from 'vitest';
import { checked, UnsafeEnvoyConfig } from '../../../src/constructs/envoy/check.js';
import { frontConfig } from '../../../src/constructs/envoy/front-config.js';
import { outboundConfig } from '../../../src/constructs/envoy/outbound-config.js';
import type { JsonObject } from '../../../src/constructs/envoy/typed.js';
import { PLATFORM } from '../../model/examples.js';

const SALES_BOT = 'spiffe://portarium.io/ns/portarium-agents/sa/sales-bot';
const BOOTSTRAP = '/etc/envoy/envoy.json';
const WAITING = '/etc/envoy/waiting-listeners.json';
const front = frontConfig(PLATFORM);
const outbound = outboundConfig(PLATFORM, SALES_BOT);

/** The files with text replaced in one of them: what somebody who edits the source could bring about. */
function withText(files: Readonly<Record<string, JsonObject>>, file: string, from: string, to: string) {
  const text = JSON.stringify(files[file]);
  expect(text).toContain(from);
  return { ...files, [file]: JSON.parse(text.replaceAll(from, () => to)) as JsonObject };
}

const problemsOf = (files: Readonly<Record<string, JsonObject>>): readonly string[] => {
  try {
    checked(files);
    return [];
  } catch (error) {
    if (error instanceof UnsafeEnvoyConfig) return error.problems;
    throw error;
  }
};

describe('the check of an Envoy configuration', () => {
  it.each([
    ['front', front],
    ['outbound', outbound],
  ])('returns the %s as it is', (_, files) => {
    expect(checked(files)).toBe(files);
  });

  it.each([
    [
      'an SVID that is only asked for',
      WAITING,
      '"require_client_certificate":true',
      '"require_client_certificate":false',
      /require_client_certificate: must be true: an SVID that is optional on a listener does not exist\.$/,
    ],
    [
      'any SVID of the trust domain',
      WAITING,
      JSON.stringify({ san_type: 'URI', matcher: { prefix: 'spiffe://portarium.io/ns/portarium-agents/sa/' } }),
      JSON.stringify({ san_type: 'DNS', matcher: { prefix: 'spiffe://portarium.io/ns/portarium-agents/sa/' } }),
      /at least one matcher, and of URIs only: the SPIFFE validator ignores the others\.$/,
    ],
    [
      'a prefix that other service accounts begin with',
      WAITING,
      '"prefix":"spiffe://portarium.io/ns/portarium-agents/sa/"',
      '"prefix":"spiffe://portarium.io/ns/portarium-agents"',
      /a matcher is an exact SPIFFE ID, or a prefix of one that ends with "\/"\.$/,
    ],
    [
      'the bundle of whatever trust domain',
      WAITING,
      '"name":"spiffe://portarium.io"',
      '"name":"ROOTCA"',
      /the bundle is the trust domain's own, by name\.$/,
    ],
    [
      'authorities beside the bundle',
      WAITING,
      '"default_validation_context":{',
      '"default_validation_context":{"trusted_ca":{"filename":"/ca.pem"},',
      /no authorities beside SPIRE's bundle\.$/,
    ],
    [
      'untrusted certificates',
      WAITING,
      '"default_validation_context":{',
      '"default_validation_context":{"trust_chain_verification":"ACCEPT_UNTRUSTED",',
      /trust_chain_verification: never set: ACCEPT_UNTRUSTED takes any certificate\.$/,
    ],
    [
      'the plain-CA validator on a listener',
      BOOTSTRAP,
      '"require_client_certificate":false,"common_tls_context":{',
      '"require_client_certificate":true,"common_tls_context":{"validation_context":{"trusted_ca":{"filename":"/ca.pem"}},',
      /the plain-CA validator is refused on a listener: it takes other trust domains under the same CA\./,
    ],
    [
      'TLS 1.2 on a listener',
      WAITING,
      '"tls_minimum_protocol_version":"TLSv1_3"',
      '"tls_minimum_protocol_version":"TLSv1_2"',
      /a listener speaks TLS 1\.3 only\.$/,
    ],
    [
      'a check that is passed when it cannot be made',
      BOOTSTRAP,
      '"failure_mode_allow":false',
      '"failure_mode_allow":true',
      /failure_mode_allow: must be false: a check that cannot be made is not passed\.$/,
    ],
    [
      'what a client says of its certificate',
      BOOTSTRAP,
      '"forward_client_cert_details":"SANITIZE"',
      '"forward_client_cert_details":"FORWARD_ONLY"',
      /what a client says of its certificate is dropped \(SANITIZE, SANITIZE_SET\)\.$/,
    ],
    [
      'Envoy’s own validator instead of SPIFFE’s',
      BOOTSTRAP,
      '"node":{',
      '"node":{"metadata":{"disable_spiffe_cert_validation":true},',
      /never set: without the SPIFFE validator another trust domain of the same CA is taken\.$/,
    ],
  ])('refuses, at the front, %s', (_what, file, from, to, said) => {
    const problems = problemsOf(withText(front, file, from, to));
    expect(problems.length).toBeGreaterThan(0);
    for (const problem of problems) expect(problem).toMatch(said);
    expect(problems[0]).toMatch(new RegExp(`^${file}\\.`));
  });

  it.each([
    [
      'any front of the trust domain',
      '"exact":"spiffe://portarium.io/ns/portarium-control-plane/sa/api-server"',
      '"prefix":"spiffe://portarium.io/ns/portarium-control-plane/sa/"',
      /a client takes the exact SPIFFE ID of its server\.$/,
    ],
    [
      'a server of any name',
      JSON.stringify({
        san_type: 'DNS',
        matcher: { exact: 'api-server-bearer.portarium-control-plane.svc.cluster.local' },
      }),
      JSON.stringify({ san_type: 'DNS', matcher: { suffix: 'cluster.local' } }),
      /a client verifies the exact DNS name of its server\.$/,
    ],
  ])('refuses, in a workload’s sidecar, %s', (_what, from, to, said) => {
    const problems = problemsOf(withText(outbound, BOOTSTRAP, from, to));
    expect(problems.length).toBeGreaterThan(0);
    for (const problem of problems) expect(problem).toMatch(said);
  });

  it('says all that is wrong, each with its place', () => {
    const files = withText(front, BOOTSTRAP, '"failure_mode_allow":false', '"failure_mode_allow":true');
    expect(() => checked(files)).toThrow(
      /^Envoy configuration refused:\n {2}\/etc\/envoy\/envoy\.json\.static_resources\.listeners\[1\]\..*\n {2}\/etc\/envoy\/envoy\.json\.static_resources\.listeners\[2\]\./,
    );
  });
});
