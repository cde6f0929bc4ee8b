import { describe, expect, test } from 'vitest';
import { showProbes, wrong } from '../../../src/cli/demo/packets/show.js';
import { whyNoPackets } from '../../../src/cli/demo/demo.js';
import type { Output } from '../../../src/cli/output.js';
import type { Check } from '../../../src/model/check.js';

const check = (name: string, verdict: Check['verdict'], note: string): Check => ({ name, verdict, note, findings: [] });
const reached = check('probe front, agents', 'pass', 'must be allowed: connected after 3 ms');
const denied = check(
  'probe the internet, agents',
  'pass',
  'must be denied: timeout after 1000 ms; while "front" succeeded',
);
const ping = check(
  'probe ping, agents',
  'inconclusive',
  'must be denied: unsupported (icmp) after 0 ms; the place cannot send it',
);
const open = check(
  'probe the internet, agents',
  'fail',
  'must be denied: connected after 2 ms; it must not be reachable',
);
const unpaired = check(
  'probe the internet, agents',
  'inconclusive',
  'must be denied: timeout; it has no positive control',
);

const shown = (checks: readonly Check[]): string => {
  const lines: string[] = [];
  showProbes('enforced', checks, { line: (text: string) => void lines.push(text) } as unknown as Output, false);
  return lines.join('\n');
};

describe('the demo’s real packets', () => {
  test('are counted by what must come of them', () => {
    expect(shown([reached, denied, ping])).toBe(
      '  enforced  1 reached as they must be; 1 denied, each while its positive control succeeded; 1 that no pod can send',
    );
  });

  test('end the demo when something comes through, when a denial shows nothing, and when none was sent', () => {
    expect(wrong([reached, denied, ping])).toEqual([]);
    expect(() => shown([reached, open])).toThrow(
      'at enforced real packets go otherwise (fail)\n  probe the internet, agents: must be denied: connected',
    );
    expect(() => shown([reached, unpaired])).toThrow('real packets go otherwise (inconclusive)');
    expect(() => shown([])).toThrow('at enforced real packets go otherwise');
  });

  test('are left out when that is asked for, and it is said', () => {
    expect(whyNoPackets(false)).toBe('--no-data-plane was given');
  });
});
