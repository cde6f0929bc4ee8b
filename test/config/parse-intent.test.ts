import { describe, expect, it } from 'vitest';
import { parseIntent } from '../../src/config/parse-intent.js';

const text = `namespaces: [bots]
edges:
  - id: bots to the gateway
    from: { namespace: bots, labels: { app: bot } }
    to: { namespace: gateway, labels: { app: gateway } }
    ports: [TCP/443]
    forwards: { does: false, why: it decides }
  - id: bots to the bank
    from: { namespace: bots }
    to: { cidrs: [192.0.2.0/24] }
    ports: [TCP/443, UDP/53]
`;

describe('an intent', () => {
  it('is read as edges', () => {
    expect(parseIntent(text, 'intent.yaml')).toEqual({
      namespaces: ['bots'],
      exact: true,
      edges: [
        {
          id: 'bots to the gateway',
          from: { kind: 'pods', name: 'bots app=bot', namespace: 'bots', labels: { app: 'bot' } },
          to: { kind: 'pods', name: 'gateway app=gateway', namespace: 'gateway', labels: { app: 'gateway' } },
          ports: [{ protocol: 'TCP', service: 443, target: 443 }],
          forwards: { does: false, why: 'it decides' },
        },
        {
          id: 'bots to the bank',
          from: { kind: 'pods', name: 'bots', namespace: 'bots', labels: {} },
          to: { kind: 'addresses', name: '192.0.2.0/24', cidrs: ['192.0.2.0/24'] },
          ports: [
            { protocol: 'TCP', service: 443, target: 443 },
            { protocol: 'UDP', service: 53, target: 53 },
          ],
        },
      ],
    });
  });

  it.each([
    ['no namespaces', text.replace('[bots]', '[]'), 'intent.yaml:1: namespaces: too small. At least 1.'],
    ['a misspelt key', text.replace('ports:', 'port:'), 'intent.yaml:3: edges[0]: unknown key "port"'],
    ['a port without protocol', text.replace('[TCP/443]', '[443]'), 'intent.yaml:6: edges[0].ports[0]'],
    ['a port that is none', text.replace('UDP/53', 'UDP/70000'), 'intent.yaml:11: edges[1].ports[1]: Not a port.'],
    [
      'an end of two kinds',
      text.replace('{ cidrs:', '{ namespace: a, cidrs:'),
      'intent.yaml:10: edges[1].to: Allowed: { namespace, labels }',
    ],
    ['every address', text.replace('192.0.2.0/24', '0.0.0.0/0'), 'intent.yaml:10: edges[1].to'],
    ['half a file', text.slice(0, 120), 'intent.yaml:'],
  ])('is refused with %s, at its line', (_, wrong, message) => {
    expect(() => parseIntent(wrong, 'intent.yaml')).toThrow(message);
  });
});
