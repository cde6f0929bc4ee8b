import { Unreadable } from '../model/field.js';
import type { KubeObject } from '../model/kube-object.js';
import { policyOf } from '../model/policy-object.js';
import { relaxationOf } from '../model/relaxation-object.js';
import type { Relaxation } from '../model/relaxation.js';
import { publishedOf } from '../model/authorization/published.js';
import { onboardingOf } from '../model/onboarding.js';
import type { AgentRow, Known, KnownPolicy, ModelPlace } from './known.js';

export const KINDS = ['policies', 'relaxations', 'models', 'onboarding'] as const;
export type Kind = (typeof KINDS)[number];

export interface PoliciesOptions {
  readonly trustDomain: string;
  /** How long after the last word from the API server relaxations still hold, milliseconds. */
  readonly contactLasts: number;
  /** A clock that never goes back, milliseconds. @default performance.now */
  readonly clock?: () => number;
  /** The time of day, milliseconds. @default Date.now */
  readonly now?: () => number;
}

/** Policies, Relaxations, published models and the list of who is not onboarded yet, as the watch brings them. */
export class Policies implements Known {
  readonly #policies = new Map<string, KnownPolicy>();
  readonly #rows = { named: new Rows((row) => row.name), with: new Rows((row) => row.spiffeId) };
  /** Names of policies and Relaxations whose newest version cannot be read, with the reason. */
  readonly #unreadable = new Map<string, string>();
  readonly #relaxations = new Map<string, Relaxation>();
  readonly #models = new Map<string, ModelPlace>();
  readonly #pending = new Map<string, ReadonlySet<string>>();
  #byWorkspace: ReadonlyMap<string, readonly Relaxation[]> = new Map();
  readonly #heard = new Map<Kind, number>();
  readonly #listed = new Set<Kind>();
  readonly #clock: () => number;

  constructor(private readonly options: PoliciesOptions) {
    this.#clock = options.clock ?? (() => performance.now());
  }

  get complete(): boolean {
    return this.#listed.size === KINDS.length;
  }

  /** Milliseconds since the API server was last heard of, by the watch that has been silent longest. */
  get silence(): number {
    return this.#heard.size < KINDS.length ? Infinity : this.#clock() - Math.min(...this.#heard.values());
  }

  get inContact(): boolean {
    return this.silence < this.options.contactLasts;
  }

  get workspaces(): readonly string[] {
    return [...this.#policies.keys()];
  }

  get unreadable(): ReadonlyMap<string, string> {
    return this.#unreadable;
  }

  tryPolicy(workspaceId: string): KnownPolicy | undefined {
    return this.#policies.get(workspaceId);
  }

  agentsNamed(name: string): readonly AgentRow[] {
    return this.#rows.named.of(name);
  }

  agentsWith(spiffeId: string): readonly AgentRow[] {
    return this.#rows.with.of(spiffeId);
  }

  relaxations(workspaceId: string): readonly Relaxation[] {
    return this.#byWorkspace.get(workspaceId) ?? [];
  }

  isPending(workspaceId: string): boolean {
    return [...this.#pending.values()].some((pending) => pending.has(workspaceId));
  }

  tryModel(hash: string): ModelPlace | undefined {
    return this.#models.get(hash);
  }

  heard(kind: Kind): void {
    this.#heard.set(kind, this.#clock());
  }

  /** A full list: what is not in it is gone. */
  replace(kind: Kind, objects: readonly KubeObject[]): void {
    const names = new Set(objects.map(({ metadata }) => metadata.name));
    const known = {
      policies: this.#policies,
      relaxations: this.#relaxations,
      models: this.#models,
      onboarding: this.#pending,
    };
    for (const name of [...known[kind].keys(), ...this.#unreadableOf(kind)])
      if (!names.has(name)) this.remove(kind, name);
    for (const object of objects) this.put(kind, object);
    this.#listed.add(kind);
    this.heard(kind);
  }

  put(kind: Kind, object: KubeObject): void {
    const { name } = object.metadata;
    this.#unreadable.delete(`${kind}/${name}`);
    try {
      if (kind === 'policies') this.#setPolicy(name, { spec: policyOf(object, this.options.trustDomain) });
      else if (kind === 'relaxations') this.#setRelaxation(name, relaxationOf(object));
      else if (kind === 'models') {
        const { storeId, modelId } = publishedOf(object);
        this.#models.set(name, { storeId, modelId });
      } else this.#pending.set(name, onboardingOf(object));
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      this.#unreadable.set(`${kind}/${name}`, error.message);
      // Only ever towards enforcing: a policy keeps its agents and loses its leniency, what else there is, is none.
      if (kind !== 'policies') this.#forget(kind, name);
      else {
        const last = this.#policies.get(name);
        if (last !== undefined) this.#setPolicy(name, { spec: last.spec, unreadable: error.message });
      }
    }
  }

  remove(kind: Kind, name: string): void {
    this.#unreadable.delete(`${kind}/${name}`);
    this.#forget(kind, name);
  }

  #forget(kind: Kind, name: string): void {
    if (kind === 'policies') this.#setPolicy(name, undefined);
    else if (kind === 'relaxations') this.#setRelaxation(name, undefined);
    else if (kind === 'models') this.#models.delete(name);
    else this.#pending.delete(name);
  }

  #unreadableOf(kind: Kind): readonly string[] {
    const prefix = `${kind}/`;
    return [...this.#unreadable.keys()].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
  }

  #setPolicy(name: string, policy: KnownPolicy | undefined): void {
    const rowsOf = (of: KnownPolicy | undefined): readonly AgentRow[] =>
      (of?.spec.agents ?? []).map((agent) => ({ workspaceId: name, name: agent.name, spiffeId: agent.spiffeId }));
    const old = this.#policies.get(name);
    if (policy === undefined) this.#policies.delete(name);
    else this.#policies.set(name, policy);
    for (const rows of Object.values(this.#rows)) rows.exchange(name, rowsOf(old), rowsOf(policy));
  }

  #setRelaxation(name: string, relaxation: Relaxation | undefined): void {
    const now = (this.options.now ?? Date.now)();
    // Nothing ended or expired comes back, so that those of years past need not be looked at for every request.
    if (relaxation === undefined || relaxation.state === 'ended') this.#relaxations.delete(name);
    else this.#relaxations.set(name, relaxation);
    for (const [each, { expiresAt }] of this.#relaxations) if (+expiresAt <= now) this.#relaxations.delete(each);
    this.#byWorkspace = Map.groupBy(this.#relaxations.values(), ({ workspaceId }) => workspaceId);
  }
}

/** Rows of all policies by one of their columns. */
class Rows {
  readonly #rows = new Map<string, readonly AgentRow[]>();

  constructor(private readonly key: (row: AgentRow) => string) {}

  of(key: string): readonly AgentRow[] {
    return this.#rows.get(key) ?? [];
  }

  /** Takes the old rows of a workspace out and puts its new ones in. */
  exchange(workspaceId: string, old: readonly AgentRow[], now: readonly AgentRow[]): void {
    for (const row of old) {
      const rest = this.of(this.key(row)).filter((each) => each.workspaceId !== workspaceId);
      if (rest.length === 0) this.#rows.delete(this.key(row));
      else this.#rows.set(this.key(row), rest);
    }
    for (const row of now) this.#rows.set(this.key(row), [...this.of(this.key(row)), row]);
  }
}
