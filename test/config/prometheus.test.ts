import { describe, expect, test } from 'vitest';
import { loadStacks } from '../../src/config/load.js';
import { lineOf, refusalOf, stacksWith } from './stacks.js';

const GRAFANA = 'grafanaUrl: https://grafana.example.com';
const withPrometheus = (text: string) => ['platform', GRAFANA, `prometheus: ${text}\n    ${GRAFANA}`] as const;

describe('monitoring.prometheus', () => {
  test('is where the gate asks, and how', () => {
    const dir = stacksWith(
      withPrometheus(
        '{ url: "https://mimir.example.com/prometheus", bearerTokenFile: /run/token, tls: { caFile: /etc/ca.pem }, headers: { X-Scope-OrgID: acme }, networkSource: hubble }',
      ),
    );
    expect(loadStacks({ dir }).platform.monitoring.prometheus).toEqual({
      url: 'https://mimir.example.com/prometheus',
      bearerTokenFile: '/run/token',
      tls: { caFile: '/etc/ca.pem' },
      headers: { 'X-Scope-OrgID': 'acme' },
      networkSource: 'hubble',
      jobs: '.*portarium.*',
    });
  });

  test.each([
    [
      '{ url: "https://u:p@example.com" }',
      'url',
      '"https://u:p@example.com" is not the address of a Prometheus. Allowed: http:// or https://, host and path prefix, without user, query or fragment.',
    ],
    [
      '{ url: prometheus }',
      'url',
      '"prometheus" is not the address of a Prometheus. Allowed: http:// or https://, host and path prefix, without user, query or fragment.',
    ],
    ['{ url: "https://a", networkSource: calico }', 'networkSource', '"calico" is not allowed. Allowed: hubble, none.'],
    ['{ url: "https://a", jobs: "(" }', 'jobs', '"(" is no regular expression.'],
    ['{ url: "https://a", tls: { certFile: a } }', 'tls', 'certFile and keyFile go together.'],
    [
      '{ url: "https://a", bearerTokenFile: a, basic: { username: b, passwordFile: c } }',
      '',
      'either "bearerTokenFile" or "basic", not both.',
    ],
  ])('refuses %s', (text, field, message) => {
    const path = `monitoring.prometheus${field && `.${field}`}`;
    expect(refusalOf(withPrometheus(text))).toBe(`${lineOf('platform', GRAFANA)}: ${path}: ${message}`);
  });
});
