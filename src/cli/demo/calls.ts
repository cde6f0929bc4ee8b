import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { callOnce, type Answer, type Call } from '../../../lab/client.js';
import { COMPONENTS } from '../../model/edges.js';
import { modesAt, type Control, type Level, type Mode } from '../../model/levels.js';
import { serviceHost } from '../../model/names.js';
import { CliError, EXIT } from '../exit-codes.js';
import { table, type Output } from '../output.js';
import { Front, type Caller, type FrontOptions } from './front.js';
import { APPROVAL, expected, probeOf, PROBES, type Probe, type Who } from './probes.js';

/** The authorizer's program, compiled beside this one: its image runs the same. */
export const AUTHORIZER = fileURLToPath(new URL('../../authorizer/main.js', import.meta.url));

const AGENT = { namespace: 'portarium-agents', name: 'sales-bot' } as const;
const WORKSPACES = { 'sales-bot': 'ws-acme', 'support-bot': 'ws-globex' } as const;
const LIMIT = 20_000;

/** A call as it was made and answered, with what the authorizer put on record of it. */
interface Called {
  readonly probe: Probe;
  readonly outcome: string;
  readonly record: Readonly<Record<string, unknown>>;
}

/** Calls to the front, run on loopback from the live objects. */
export class Calls {
  private constructor(
    private readonly front: Front,
    private readonly caller: Caller,
    private readonly options: Omit<FrontOptions, 'authorizer'>,
  ) {}

  /** @param kubeconfig the authorizer's */
  static async start(options: Omit<FrontOptions, 'authorizer'>, kubeconfig: string): Promise<Calls> {
    const front = await Front.start({
      ...options,
      authorizer: { program: [process.execPath, AUTHORIZER], kubeconfig },
    });
    try {
      front.upstream.serve(`/v1/workspaces/ws-acme/approvals/${APPROVAL.id}`, APPROVAL.record);
      front.upstream.serve(`/v1/workspaces/ws-acme/runs/${APPROVAL.record.runId}`, undefined);
      return new Calls(front, await front.caller(AGENT.namespace, AGENT.name), options);
    } catch (error) {
      await front.stop();
      throw error;
    }
  }

  /** Loopback port with the front's metrics, as its pod's `/metrics`. */
  get metricsPort(): number {
    return this.front.sidecars.ports['probes']!;
  }

  stop(): Promise<void> {
    return this.front.stop();
  }

  /** Resolves with the time from which the call that shows the control is answered as `mode` says. */
  async effectAt(control: Control, mode: () => Mode | undefined, signal: AbortSignal): Promise<number> {
    const deadline = performance.now() + LIMIT * 6;
    while (performance.now() < deadline) {
      const wanted = mode();
      const shown = wanted && probeOf(control, wanted);
      if (shown !== undefined && outcome(await this.#make(shown[0])) === shown[1]) return performance.now();
      await sleep(50, undefined, { signal });
    }
    throw new CliError(EXIT.policy, `calls were not answered as ${control} must have them within 120 s`);
  }

  /** Makes every call and ends the demo unless each is answered as the level says. */
  async look(level: Level, output: Output, { record = false } = {}): Promise<void> {
    const modes = modesAt(level);
    const calls: Called[] = [];
    for (const probe of PROBES) calls.push(await this.#called(probe));
    output.line('\n  calls to the front: a real Envoy, the authorizer and OpenFGA, started from the live objects');
    const rows = calls.map(({ probe, outcome: answer, record: { decision, control, detail } }) => [
      probe.what,
      answer,
      `${String(decision)} by ${String(control)}`,
      typeof detail === 'string' ? detail : '',
    ]);
    output.line(table([['CALL', 'ANSWER', 'DECISION', 'BECAUSE'], ...rows], '    '));
    if (record) {
      const shown = calls.filter(({ probe }) => probe.control !== undefined);
      for (const called of shown) output.line(`    ${JSON.stringify(called.record)}`);
    }
    const wrong = calls.flatMap(({ probe, outcome: answer }) => {
      const wanted = expected(probe, modes);
      return answer === wanted ? [] : [`${probe.what}: ${answer}, not ${wanted}`];
    });
    const first = calls[0];
    if (first !== undefined && first.record['spiffeId'] !== this.front.idOf(AGENT.namespace, AGENT.name)) {
      wrong.push(`${first.probe.what}: the record names ${String(first.record['spiffeId'])}`);
    }
    if (wrong.length > 0)
      throw new CliError(EXIT.policy, `at ${level} the front answers otherwise\n  ${wrong.join('\n  ')}`);
  }

  async #called(probe: Probe): Promise<Called> {
    const answer = await this.#make(probe);
    return { probe, outcome: outcome(answer), record: this.#newest() };
  }

  /** The newest record is the last call's: the authorizer writes it before it answers. */
  #newest(): Called['record'] {
    const event = this.front.sidecars.lines('authorizer').at(-1) ?? {};
    return (event['data'] ?? {}) as Called['record'];
  }

  async #make({ who, call }: Probe): Promise<Answer> {
    const withToken: Call = {
      ...call,
      headers: { ...call.headers, authorization: `Bearer ${await this.#token(who)}` },
    };
    if ('agent' in who) return this.#bySvid(withToken);
    const listener = 'bearer' in who ? 'bearer' : 'people';
    const { platform, servers } = this.options;
    const name = serviceHost(`api-server-${listener}`, COMPONENTS.apiServer.namespace, platform.cluster.domain);
    const tls = { ca: servers.certificate, servername: name };
    return callOnce({ port: portOf(this.front, listener), tls }, withToken);
  }

  /** Through its sidecar, once that has found the way by mTLS. */
  async #bySvid(call: Call): Promise<Answer> {
    const deadline = performance.now() + LIMIT;
    for (;;) {
      const answer = await callOnce({ port: portOf(this.caller, 'outbound') }, call);
      if (this.#newest()['listener'] === 'agents' || performance.now() > deadline) return answer;
      await sleep(100);
    }
  }

  #token(who: Who): Promise<string> {
    const { tokens } = this.options.platform;
    if ('person' in who) {
      return this.front.issuer.mint({ sub: who.person, aud: tokens.peopleAudience, workspaceId: 'ws-acme' });
    }
    const sub = 'agent' in who ? who.agent : who.bearer;
    return this.front.issuer.mint({ sub, aud: tokens.audience, workspaceId: WORKSPACES[sub] });
  }
}

function portOf({ sidecars }: Pick<Caller, 'sidecars'>, listener: string): number {
  const port = sidecars.ports[listener];
  if (port === undefined) throw new Error(`no listener ${listener}`);
  return port;
}

/** `200`, or the status with the problem's reason. */
function outcome({ status, headers }: Answer): string {
  const reason = headers['x-portarium-reason'];
  return typeof reason === 'string' ? `${status} ${reason}` : String(status);
}
