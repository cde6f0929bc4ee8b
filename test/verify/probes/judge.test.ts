import { describe, expect, test } from 'vitest';
import { judge } from '../../../src/verify/probes/judge.js';
import type { Outcome, Probe, ProbeResult } from '../../../src/verify/probes/probe.js';

const control: Probe = { name: 'front', kind: 'tcp', target: { address: '10.0.0.1', port: 443 }, expect: 'allowed' };
const denied: Probe = {
  name: 'sor',
  kind: 'tcp',
  target: { address: '192.0.2.1', port: 443 },
  expect: 'denied',
  pairedWith: 'front',
};
const result = (name: string, outcome: Outcome): ProbeResult => ({ name, outcome, detail: '', ms: 7 });
const verdict = (probe: Probe, outcome: Outcome, ofControl: Outcome = 'connected') =>
  judge([control, probe], [result('front', ofControl), result(probe.name, outcome)])[1];

describe('a denial', () => {
  test.each([
    ['timeout', 'pass'],
    ['unreachable', 'pass'],
    ['tls-refused', 'pass'],
    ['http-refused', 'pass'],
    ['connected', 'fail'],
    ['answered', 'fail'],
    ['refused', 'inconclusive'],
    ['unsupported', 'inconclusive'],
    ['dns-refused', 'inconclusive'],
  ] as const)('by %s, beside a positive control that succeeded: %s', (outcome, expected) => {
    expect(verdict(denied, outcome)?.verdict).toBe(expected);
  });

  test.each(['timeout', 'unreachable', 'refused', 'unsupported'] as const)(
    'shows nothing where the positive control came to %s',
    (ofControl) => {
      expect(verdict(denied, 'timeout', ofControl)?.verdict).toBe('inconclusive');
    },
  );

  test('shows nothing without a positive control, or with one that is a denial itself', () => {
    const alone: Probe = { name: 'sor', kind: 'tcp', target: denied.target, expect: 'denied' };
    expect(verdict(alone, 'timeout')).toMatchObject({ verdict: 'inconclusive' });
    expect(verdict({ ...denied, pairedWith: 'sor' }, 'timeout')).toMatchObject({ verdict: 'inconclusive' });
    expect(judge([denied], [result('sor', 'timeout')])[0]).toMatchObject({ verdict: 'inconclusive' });
  });

  test('is a failure whatever the positive control came to, where the other end was reached', () => {
    expect(verdict(denied, 'connected', 'timeout')?.verdict).toBe('fail');
  });

  test('of a name is no denial where the server looked for it', () => {
    const name: Probe = { ...denied, kind: 'dns', target: { address: '10.96.0.10', port: 53, question: 'x.y' } };
    expect(verdict(name, 'dns-refused')?.verdict).toBe('pass');
    expect(verdict(name, 'dns-empty')?.verdict).toBe('inconclusive');
    expect(verdict(name, 'answered')?.verdict).toBe('fail');
  });
});

test('what must be reachable and is not fails; without a result nothing is known', () => {
  expect(judge([control], [result('front', 'timeout')])[0]?.verdict).toBe('fail');
  expect(judge([control], [result('front', 'refused')])[0]?.verdict).toBe('inconclusive');
  expect(judge([control], [])[0]).toMatchObject({ verdict: 'inconclusive', because: 'there is no result of it' });
});
