import type { Faults, Rendered } from './rendered.js';

/** Seconds within which a server ends what is under way: its own timeout, and what it takes to be out of the Service. */
const GRACE = 15;

/** Updates that leave too few servers, cut off calls, or are not seen. */
export const rollout = ({ servers, objects }: Rendered): Faults =>
  servers.flatMap(({ workload, container }) => {
    const { replicas, strategy, spec } = workload;
    const ports = new Set(container.ports?.map(({ name }) => name));
    const { name, namespace } = workload.object.metadata;
    const endpoints = objects
      .filter(
        ({ kind, metadata }) => kind === 'PodMonitor' && metadata.namespace === namespace && metadata.name === name,
      )
      .flatMap((monitor) => (monitor['spec'] as { podMetricsEndpoints: { port: string }[] }).podMetricsEndpoints);
    return [
      replicas > 1 &&
        strategy?.rollingUpdate?.maxUnavailable !== 0 &&
        'an update takes servers away before new ones are ready; set maxUnavailable: 0.',
      (spec.terminationGracePeriodSeconds ?? 30) < GRACE &&
        `a server gets ${spec.terminationGracePeriodSeconds} s to end; it needs ${GRACE}.`,
      ...endpoints.map(
        ({ port }) => !ports.has(port) && `the PodMonitor ${name} scrapes the port "${port}", which no pod has.`,
      ),
    ];
  });
