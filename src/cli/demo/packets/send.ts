import type { Place } from '../../../../lab/data-plane/place.js';
import { standaloneScript } from '../../../../lab/standalone.js';
import type { Cluster } from '../../../bridge/cluster.js';
import { OUTBOUND } from '../../../constructs/envoy/outbound-config.js';
import type { Check } from '../../../model/check.js';
import type { Modes } from '../../../model/levels.js';
import type { Platform } from '../../../model/platform.js';
import type { Workspace } from '../../../model/workspace.js';
import { probesOf } from '../../../verify/probes/list.js';
import type { Place as From, Probe, ProbeResult } from '../../../verify/probes/probe.js';
import { judged } from '../../../verify/probes/run.js';
import { readSurroundings } from '../../../verify/probes/surroundings.js';
import { resolveInWorld } from './names.js';

export interface SendOptions {
  readonly cluster: Cluster;
  readonly platform: Platform;
  readonly workspace: Workspace;
  /** What must be open. */
  readonly modes: Modes;
  /** Where each place of `enforce verify` is here; those of a place that is not given are left out. */
  readonly places: Readonly<Partial<Record<From, Place>>>;
  /** Of an agent, whose Envoy runs in the place of agents. */
  readonly token: string;
  /** How long silence is waited for, milliseconds. @default 3000 */
  readonly silence?: number;
}

const PROGRAM = standaloneScript('probe-program', new URL('../../../verify/probes/', import.meta.url).href);

/** The probes of `enforce verify`, sent by their own program from inside the pods and judged as those of its Jobs are. */
export async function sendProbes(options: SendOptions): Promise<readonly Check[]> {
  const { cluster, platform, workspace, modes, places } = options;
  const { surroundings, checks } = await readSurroundings(cluster, workspace, resolveInWorld);
  const probes = probesOf(platform, workspace, modes, surroundings);
  const sent = Object.entries(places).map(async ([from, place]) => {
    const these = probes.filter((probe) => (probe.from ?? 'agents') === from);
    return judged(these, from, await results(these, place, options));
  });
  return [...checks, ...(await Promise.all(sent)).flat()];
}

async function results(
  probes: readonly Probe[],
  place: Place,
  { token, silence = 3000 }: SendOptions,
): Promise<readonly ProbeResult[]> {
  const request = {
    probes: probes.map((probe) => (probe.as === 'agent' ? asAgent(probe, token) : probe)),
    timeoutMilliseconds: silence,
  };
  return JSON.parse(await place.script(PROGRAM, [JSON.stringify(request)])) as readonly ProbeResult[];
}

/** By the agent's own Envoy, which presents its SVID. */
function asAgent(probe: Probe, token: string): Probe {
  const { pathname } = new URL(probe.target.address);
  const headers = {
    authorization: `Bearer ${token}`,
    ...(probe.target.body !== undefined && { 'content-type': 'application/json' }),
  };
  const address = `http://${OUTBOUND.address}:${OUTBOUND.http}${pathname}`;
  return { ...probe, target: { ...probe.target, address, headers } };
}
