/** Where a probe is sent from. */
export type Place =
  /** A pod among the agents, selected by the same policies, with no agent's identity. */
  | 'agents'
  /** A pod of another namespace. */
  | 'elsewhere'
  /** A node's own network. */
  | 'node';

/** One attempt to reach something, and what must come of it (runbook Phase 4, step 5). */
export interface Probe {
  /** Unique within a list. */
  readonly name: string;
  readonly kind: 'tcp' | 'udp' | 'dns' | 'icmp' | 'http';
  readonly target: Target;
  readonly expect: 'denied' | 'allowed';
  /** For denials: the name of a probe that must succeed from the same place at the same time, or nothing is shown. */
  readonly pairedWith?: string;
  /** @default agents */
  readonly from?: Place;
  /** What a caller needs to send it: a runner without that leaves it out. @default - nothing */
  readonly as?: 'agent';
}

export interface Target {
  /** IPv4 or IPv6, or the URL of `http`. */
  readonly address: string;
  /** Of `tcp`, `udp` and `dns`. @default - none */
  readonly port?: number;
  /** `dns`: the name that is asked for, by its A record; over TCP with `tcp`. */
  readonly question?: string;
  /** @default udp */
  readonly transport?: 'udp' | 'tcp';
  /** `http`: method, body and, where it is refused, status and reason. @default GET */
  readonly method?: string;
  readonly body?: string;
  /** `http`: as whom a runner that has an agent's identity calls. @default none */
  readonly headers?: Readonly<Record<string, string>>;
  readonly refusal?: { readonly status: number; readonly reason: string };
}

/** What came of an attempt. */
export type Outcome =
  /** The other end said something. */
  | 'answered'
  /** A TCP connection was made. */
  | 'connected'
  /** A reset, or "port unreachable": packets came through to somebody, or the network layer rejects. */
  | 'refused'
  /** Silence until the time was over. */
  | 'timeout'
  /** The network said no: no route, prohibited, not permitted. */
  | 'unreachable'
  /** DNS: REFUSED. */
  | 'dns-refused'
  /** DNS: no such name, or no address. */
  | 'dns-empty'
  /** TLS: the server wants a certificate. */
  | 'tls-refused'
  /** HTTP: refused with the status and reason that were expected. */
  | 'http-refused'
  /** The place cannot send this kind. */
  | 'unsupported';

export interface ProbeResult {
  readonly name: string;
  readonly outcome: Outcome;
  /** Error code, or the answer in brief. */
  readonly detail: string;
  /** Milliseconds that it took. */
  readonly ms: number;
}
