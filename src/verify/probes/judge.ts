import type { Verdict } from '../../model/check.js';
import type { Outcome, Probe, ProbeResult } from './probe.js';

export interface Judged {
  readonly probe: Probe;
  readonly verdict: Verdict;
  /** Why, with what came of it. */
  readonly because: string;
}

const REACHED: ReadonlySet<Outcome> = new Set(['answered', 'connected']);
const DENIED: ReadonlySet<Outcome> = new Set(['timeout', 'unreachable', 'dns-refused', 'tls-refused', 'http-refused']);

/**
 * Judges the results of one run at one place, in the order of the probes. A denial counts only beside a positive control
 * that succeeded in the same run: a missing program, broken DNS and a dead route look like a denial too. What came of a
 * probe once is not weighed against another time.
 */
export function judge(probes: readonly Probe[], results: readonly ProbeResult[]): readonly Judged[] {
  const byName = new Map(results.map((result) => [result.name, result]));
  const known = new Map(probes.map((probe) => [probe.name, probe]));
  return probes.map((probe) => {
    const result = byName.get(probe.name);
    if (result === undefined) return { probe, verdict: 'inconclusive', because: 'there is no result of it' };
    const came = `${result.outcome}${result.detail === '' ? '' : ` (${result.detail})`} after ${result.ms} ms`;
    const [verdict, why] = probe.expect === 'allowed' ? ofAllowed(result) : ofDenied(probe, result, byName, known);
    return { probe, verdict, because: why === '' ? came : `${came}; ${why}` };
  });
}

type Ruling = readonly [Verdict, string];

function ofAllowed({ outcome }: ProbeResult): Ruling {
  if (REACHED.has(outcome)) return ['pass', ''];
  if (outcome === 'refused') return ['inconclusive', 'nobody listens there, or the network rejects'];
  if (outcome === 'unsupported') return ['inconclusive', 'the place cannot send it'];
  return ['fail', 'it must be reachable'];
}

function ofDenied(
  { pairedWith, kind }: Probe,
  { outcome }: ProbeResult,
  results: ReadonlyMap<string, ProbeResult>,
  probes: ReadonlyMap<string, Probe>,
): Ruling {
  if (REACHED.has(outcome)) return ['fail', 'it must not be reachable'];
  if (outcome === 'unsupported') return ['inconclusive', 'the place cannot send it'];
  if (outcome === 'dns-empty') {
    return ['inconclusive', 'the server looked for the name: it may have asked others, who may be anyone'];
  }
  if (outcome === 'refused') {
    return ['inconclusive', 'packets came through to where nobody listens, or the network rejects'];
  }
  if (!DENIED.has(outcome) || (kind !== 'dns' && outcome === 'dns-refused')) return ['inconclusive', 'not understood'];
  if (pairedWith === undefined) return ['inconclusive', 'it has no positive control'];
  const control = results.get(pairedWith);
  if (probes.get(pairedWith)?.expect !== 'allowed' || control === undefined || !REACHED.has(control.outcome)) {
    return ['inconclusive', `its positive control "${pairedWith}" did not succeed: ${control?.outcome ?? 'no result'}`];
  }
  return ['pass', `while "${pairedWith}" succeeded`];
}
