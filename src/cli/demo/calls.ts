import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { callOnce, type Answer } from '../../../lab/client.js';
import { COMPONENTS } from '../../model/edges.js';
import { modesAt, type Level, type Mode } from '../../model/levels.js';
import { serviceHost } from '../../model/names.js';
import { CliError, EXIT } from '../exit-codes.js';
import { table, type Output } from '../output.js';
import { Front, type Caller, type FrontOptions } from './front.js';

/** The authorizer's program, compiled beside this one: its image runs the same. */
export const AUTHORIZER = fileURLToPath(new URL('../../authorizer/main.js', import.meta.url));

const AGENT = { namespace: 'portarium-agents', name: 'sales-bot', workspace: 'ws-acme' } as const;
const PATH = `/v1/workspaces/${AGENT.workspace}/runs`;
const LIMIT = 20_000;

/** A call as it was made and answered, with what the authorizer put on record of it. */
interface Called {
  readonly answer: Answer;
  readonly record: Readonly<Record<string, unknown>>;
}

/**
 * Calls of sales-bot to the front, run on loopback from the live objects: through its sidecar, which presents its SVID,
 * and without one, by its token alone.
 */
export class Calls {
  private constructor(
    private readonly front: Front,
    private readonly caller: Caller,
    private readonly server: { readonly authority: string; readonly name: string; readonly audience: string },
  ) {}

  /** @param kubeconfig the authorizer's */
  static async start(options: Omit<FrontOptions, 'authorizer'>, kubeconfig: string): Promise<Calls> {
    const { platform, servers } = options;
    const front = await Front.start({
      ...options,
      authorizer: { program: [process.execPath, AUTHORIZER], kubeconfig },
    });
    try {
      const caller = await front.caller(AGENT.namespace, AGENT.name);
      const name = serviceHost('api-server-bearer', COMPONENTS.apiServer.namespace, platform.cluster.domain);
      return new Calls(front, caller, { authority: servers.certificate, name, audience: platform.tokens.audience });
    } catch (error) {
      await front.stop();
      throw error;
    }
  }

  stop(): Promise<void> {
    return this.front.stop();
  }

  /** Resolves with the time from which calls without an SVID are answered as `mode` says. */
  async effectAt(mode: () => Mode | undefined, signal: AbortSignal): Promise<number> {
    const deadline = performance.now() + LIMIT * 6;
    while (performance.now() < deadline) {
      const wanted = mode();
      if (wanted !== undefined && (await this.#withoutSvid()).status === expected(wanted)) return performance.now();
      await sleep(50, undefined, { signal });
    }
    throw new CliError(EXIT.policy, 'calls without an SVID were not answered as they must be within 120 s');
  }

  /** Makes both calls and ends the demo unless they are answered as the level says. */
  async look(level: Level, output: Output, { record = false } = {}): Promise<void> {
    const mode = modesAt(level).mtls;
    const [by, without] = [await this.#called(() => this.#bySvid()), await this.#called(() => this.#withoutSvid())];
    output.line('\n  calls to the front: a real Envoy and the authorizer, started from the live objects');
    const row = (what: string, { answer, record: { decision, reason } }: Called): string[] => [
      what,
      String(answer.status),
      `${String(decision)}${typeof reason === 'string' ? ` (${reason})` : ''}`,
    ];
    const rows = [row('sales-bot with its SVID', by), row('sales-bot by token alone', without)];
    output.line(table([['CALL', 'ANSWER', 'DECISION'], ...rows], '    '));
    if (record) for (const called of [by, without]) output.line(`    ${JSON.stringify(called.record)}`);
    const wrong = [
      ...(by.answer.status === 200 && by.record['spiffeId'] === this.#id ? [] : [`with its SVID: ${by.answer.status}`]),
      ...(without.answer.status === expected(mode) ? [] : [`without an SVID: ${without.answer.status}`]),
    ];
    if (wrong.length > 0)
      throw new CliError(EXIT.policy, `at ${level} sales-bot must not get\n  ${wrong.join('\n  ')}`);
  }

  get #id(): string {
    return this.front.idOf(AGENT.namespace, AGENT.name);
  }

  /** Through its sidecar, once that has found the way by mTLS. */
  async #bySvid(): Promise<Answer> {
    const deadline = performance.now() + LIMIT;
    for (;;) {
      const answer = await callOnce({ port: this.#port(this.caller, 'outbound') }, await this.#call());
      if (answer.body.includes('x-portarium-spiffe-id') || performance.now() > deadline) return answer;
      await sleep(100);
    }
  }

  async #withoutSvid(): Promise<Answer> {
    const tls = { ca: this.server.authority, servername: this.server.name };
    return callOnce({ port: this.#port(this.front, 'bearer'), tls }, await this.#call());
  }

  async #call() {
    const token = await this.front.issuer.mint({
      sub: AGENT.name,
      aud: this.server.audience,
      workspaceId: AGENT.workspace,
    });
    return { path: PATH, headers: { authorization: `Bearer ${token}` } };
  }

  /** With the newest record, which is the call's: the authorizer writes it before it answers. */
  async #called(call: () => Promise<Answer>): Promise<Called> {
    const answer = await call();
    const record = this.front.sidecars.lines('authorizer').at(-1) ?? {};
    return { answer, record };
  }

  #port({ sidecars }: Pick<Caller, 'sidecars'>, listener: string): number {
    const port = sidecars.ports[listener];
    if (port === undefined) throw new Error(`no listener ${listener}`);
    return port;
  }
}

/** What a call by token alone is answered with. */
const expected = (mode: Mode): number => (mode === 'enforce' ? 403 : 200);
