import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { CONTROLS } from '../model/levels.js';
import type { Caller, Decision, Verdict } from './decision.js';
import type { Facts } from './facts.js';
import { modeOf } from './modes.js';
import { pathOf, tryWorkspaceOf } from './path.js';
import type { Policies } from './policies.js';

/** Label of calls that belong to no workspace that is known: what a client makes up never becomes a series. */
const UNKNOWN = 'unknown';

/** Label of tools that the policy does not name. */
const OTHER = 'other';

/** Every series that a workspace's decisions can have, so that each begins at 0 and its first increase is seen. */
const VERDICTS: readonly Verdict[] = [
  ...(['identity', 'mtls', 'allowlist', 'authz'] as const).flatMap((control) =>
    (['allow', 'deny'] as const).map((decision) => ({ control, mode: 'enforce', decision }) as const),
  ),
  ...(['mtls', 'allowlist', 'authz'] as const).flatMap((control) =>
    (['allow', 'would_deny'] as const).map((decision) => ({ control, mode: 'shadow', decision }) as const),
  ),
];

const SECONDS = [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5];

/** What is counted of decisions, and how well the authorizer is informed. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #decisions = new Counter({
    name: 'portarium_policy_decisions_total',
    help: 'Decisions by control; would_deny is what shadow let pass.',
    labelNames: ['workspace_id', 'decision', 'control', 'mode'],
    registers: [this.#registry],
  });
  readonly #withoutSvid = new Counter({
    name: 'portarium_callers_without_svid_total',
    help: 'Calls of agents and workloads by bearer token alone, let pass or not.',
    labelNames: ['workspace_id', 'agent'],
    registers: [this.#registry],
  });
  readonly #bypass = new Counter({
    name: 'portarium_policy_bypass_attempts_total',
    help: 'Calls with an identity that is not the caller’s: SVID, token, agent or workspace of another.',
    labelNames: ['workspace_id'],
    registers: [this.#registry],
  });
  readonly #toolDenied = new Counter({
    name: 'portarium_tool_denied_total',
    help: 'Calls of tools that the allowlist does not permit, refused or, in shadow, let pass.',
    labelNames: ['workspace_id', 'mode', 'tool'],
    registers: [this.#registry],
  });
  readonly #routed = new Counter({
    name: 'portarium_sor_calls_total',
    help: 'Calls of tools that went through the front.',
    labelNames: ['workspace_id', 'agent_id', 'routed'],
    registers: [this.#registry],
  });
  readonly #unmapped = new Counter({
    name: 'portarium_unmapped_routes_total',
    help: 'Calls of routes that are in no table.',
    labelNames: ['workspace_id'],
    registers: [this.#registry],
  });
  readonly #info = new Gauge({
    name: 'portarium_policy_info',
    help: 'Always 1; the labels say which policy is in force here, for every other series of the workspace.',
    labelNames: ['workspace_id', 'level', 'policy_hash', 'readable'],
    registers: [this.#registry],
  });
  readonly #relaxation = new Gauge({
    name: 'portarium_relaxation_expiry_timestamp_seconds',
    help: 'Until when the Relaxation holds that a stack is rendered by, seconds since 1970; 0 where there is none such.',
    labelNames: ['workspace_id', 'control'],
    registers: [this.#registry],
  });
  readonly #relaxed = new Gauge({
    name: 'portarium_relaxed_last_timestamp_seconds',
    help: 'When a Relaxation last let a control of the workspace off here, seconds since 1970; 0: not since the start.',
    labelNames: ['workspace_id'],
    registers: [this.#registry],
  });
  readonly #openfga = new Histogram({
    name: 'portarium_authorizer_openfga_seconds',
    help: 'How long OpenFGA took for its answer, or for none.',
    labelNames: ['answered'],
    buckets: SECONDS,
    registers: [this.#registry],
  });
  readonly #undecided = new Counter({
    name: 'portarium_authorizer_cannot_decide_total',
    help: 'Calls about which the authorizer lacked what it needs: answered 503, or in shadow let pass.',
    registers: [this.#registry],
  });
  readonly #seconds = new Histogram({
    name: 'portarium_authorizer_decision_seconds',
    help: 'From Envoy’s question to the answer.',
    buckets: SECONDS,
    registers: [this.#registry],
  });

  /** @param now the replica's clock, by which Relaxations end */
  constructor(
    private readonly policies: Policies,
    private readonly now: () => Date = () => new Date(),
  ) {
    const registers = [this.#registry];
    new Gauge({
      name: 'portarium_authorizer_policy_contact_seconds',
      help: 'Since the API server was last heard of; beyond contactSeconds no Relaxation holds.',
      registers,
      collect() {
        this.set(policies.silence / 1000);
      },
    });
    new Gauge({
      name: 'portarium_authorizer_invalid_policies',
      help: 'WorkspacePolicies and Relaxations whose newest version cannot be read.',
      registers,
      collect() {
        this.set(policies.unreadable.size);
      },
    });
    new Gauge({
      name: 'portarium_authorizer_policies',
      help: 'Workspaces with a policy in force.',
      registers,
      collect() {
        this.set(policies.workspaces.length);
      },
    });
    collectDefaultMetrics({ register: this.#registry });
    this.#begin(UNKNOWN);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    const now = this.now();
    this.#info.reset();
    this.#relaxation.reset();
    for (const workspaceId of this.policies.workspaces) {
      this.#begin(workspaceId);
      const { spec, unreadable } = this.policies.tryPolicy(workspaceId)!;
      const state = {
        level: spec.reachedLevel,
        policy_hash: spec.policyHash,
        readable: String(unreadable === undefined),
      };
      this.#info.set({ workspace_id: workspaceId, ...state }, 1);
      this.#beginTools(
        workspaceId,
        spec.blastRadius.map(({ tool }) => tool),
      );
      for (const control of spec.relaxation?.controls ?? []) {
        this.#relaxation.set({ workspace_id: workspaceId, control }, this.#expiry(workspaceId, spec.relaxation!.name));
      }
      if (CONTROLS.some((control) => modeOf(control, workspaceId, this.policies, now).relaxation !== undefined)) {
        this.#relaxed.set({ workspace_id: workspaceId }, now.getTime() / 1000);
      }
      for (const { name } of spec.agents) {
        this.#routed.inc({ workspace_id: workspaceId, agent_id: name, routed: 'true' }, 0);
      }
    }
    return this.#registry.metrics();
  }

  /** Of a Relaxation that a policy names: 0 when it has been ended, or is not there. */
  #expiry(workspaceId: string, name: string): number {
    const relaxation = this.policies.relaxations(workspaceId).find((each) => each.name === name);
    if (relaxation === undefined || relaxation.state === 'ended') return 0;
    return relaxation.expiresAt.getTime() / 1000;
  }

  readonly #begun = new Set<string>();

  #begin(workspaceId: string): void {
    if (this.#begun.has(workspaceId)) return;
    this.#begun.add(workspaceId);
    for (const { control, mode, decision } of VERDICTS) {
      this.#decisions.inc({ workspace_id: workspaceId, control, mode, decision }, 0);
    }
    this.#bypass.inc({ workspace_id: workspaceId }, 0);
    this.#relaxed.set({ workspace_id: workspaceId }, 0);
    this.#unmapped.inc({ workspace_id: workspaceId }, 0);
    this.#beginTools(workspaceId, []);
  }

  #beginTools(workspaceId: string, named: readonly string[]): void {
    for (const tool of [...named, OTHER])
      for (const mode of ['enforce', 'shadow']) this.#toolDenied.inc({ workspace_id: workspaceId, mode, tool }, 0);
  }

  count(facts: Facts, decision: Decision, seconds: number): void {
    const { caller, refusal, verdicts, called, asked, status } = decision;
    const workspaceId = this.#label(facts, caller);
    for (const { control, mode, decision: each } of verdicts) {
      this.#decisions.inc({ workspace_id: workspaceId, control, mode, decision: each });
    }
    if (refusal?.reason === 'CannotDecide') this.#undecided.inc();
    if (refusal?.bypass) this.#bypass.inc({ workspace_id: workspaceId });
    // A caller is a row of a policy or of the configuration, so that the label is bounded; before there is a policy, not.
    const name = workspaceId === UNKNOWN && caller?.kind === 'agent' ? UNKNOWN : (caller?.name ?? UNKNOWN);
    if (facts.listener === 'bearer' && caller !== undefined) {
      this.#withoutSvid.inc({ workspace_id: workspaceId, agent: name });
    }
    if (refusal?.unmapped) this.#unmapped.inc({ workspace_id: workspaceId });
    const allowlist = verdicts.find(({ control }) => control === 'allowlist');
    if (allowlist !== undefined && allowlist.decision !== 'allow') {
      const tool = this.#named(workspaceId, called?.tool);
      this.#toolDenied.inc({ workspace_id: workspaceId, mode: allowlist.mode, tool });
    }
    if (status === 200 && called?.tool !== undefined && caller !== undefined) {
      this.#routed.inc({ workspace_id: workspaceId, agent_id: name, routed: 'true' });
    }
    if (asked) this.#openfga.observe({ answered: String(asked.failure === undefined) }, asked.milliseconds / 1000);
    this.#seconds.observe(seconds);
  }

  /** A tool that the policy names by its name: what a caller makes up never becomes a series. */
  #named(workspaceId: string, tool: string | undefined): string {
    const rows = this.policies.tryPolicy(workspaceId)?.spec.blastRadius ?? [];
    return rows.some((row) => row.tool === tool) ? tool! : OTHER;
  }

  /** The caller's workspace; of a refused caller the one that the path names, if there is such a one. */
  #label(facts: Facts, caller: Caller | undefined): string {
    const id = caller === undefined ? tryWorkspaceOf(pathOf(facts.path)) : caller.workspaceId;
    return id !== undefined && this.policies.tryPolicy(id) !== undefined ? id : UNKNOWN;
  }
}
