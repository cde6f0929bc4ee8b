import type { Policies } from './policies.js';

export interface Readiness {
  readonly ready: boolean;
  /** Why, as a sentence. */
  readonly because: string;
}

export interface ReadinessOptions {
  readonly policies: Pick<Policies, 'complete'>;
  /** Whether Envoy's `agents` listener accepts connections: it does once it has its SVID. */
  readonly agentsListen: () => Promise<boolean>;
  readonly graceSeconds: number;
  /** Seconds since the start. */
  readonly uptime: () => number;
  readonly stopping: () => boolean;
}

/**
 * Whether calls should be sent to this pod. It waits for the SVID, so that a rollout does not outrun SPIRE, but not for
 * ever: without SPIRE the pod still serves bearer and people. Losing the API server does not make it unready; it then
 * enforces what it knows.
 */
export async function readinessOf(options: ReadinessOptions): Promise<Readiness> {
  const { policies, agentsListen, graceSeconds, uptime, stopping } = options;
  if (stopping()) return { ready: false, because: 'It is stopping.' };
  if (!policies.complete) {
    return { ready: false, because: 'The policies have not arrived from the API server yet.' };
  }
  if (await agentsListen()) return { ready: true, because: 'Policies are there and the agents’ listener is open.' };
  const left = graceSeconds - uptime();
  if (left > 0) {
    const seconds = Math.ceil(left);
    return {
      ready: false,
      because: `The agents’ listener is closed, for want of an SVID; ${seconds} s of grace left.`,
    };
  }
  return { ready: true, because: 'Policies are there; without an SVID only bearer and people are served.' };
}
