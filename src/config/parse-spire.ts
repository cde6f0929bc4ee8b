import { formatDuration, duration } from '../model/duration.js';
import { longestOutage, longestSvidTtl } from '../model/spire-lifetimes.js';
import { versionSkew } from '../model/spire-versions.js';
import { duplicates, type Refuse } from './parse.js';
import type { PlatformConfig } from './schema.js';

/** What no field of `spire` shows alone. `isReserved`: namespaces of the platform and of agents, whose identities are rendered. */
export function checkSpire(config: PlatformConfig, refuse: Refuse, isReserved: (namespace: string) => boolean): void {
  checkLifetimes(config, refuse);
  checkServer(config, refuse);
  const { workloads, bridges } = config.spire;
  for (const [list, items] of Object.entries({ workloads, bridges })) {
    items.forEach(({ namespace }, index) => {
      if (!isReserved(namespace)) return;
      refuse(
        ['spire', list, index, 'namespace'],
        `"${namespace}" belongs to the platform or to a workspace; the identities of its pods are registered already, each as itself. Name workloads of other namespaces only.`,
      );
    });
  }
  const named = [
    ...workloads.map(({ name }, index) => ({ name, path: ['spire', 'workloads', index, 'name'] })),
    ...bridges.map(({ name }, index) => ({ name, path: ['spire', 'bridges', index, 'name'] })),
  ];
  for (const { value, index } of duplicates(named.map(({ name }) => name))) {
    refuse(named[index]!.path, `"${value}" is registered twice. Give each workload and bridge a name of its own.`);
  }
}

function checkLifetimes({ spire }: PlatformConfig, refuse: Refuse): void {
  const { caTtl, x509Ttl, outageTolerance } = spire;
  const longest = longestSvidTtl(caTtl);
  if (duration(x509Ttl) > longest) {
    refuse(
      ['spire', 'x509Ttl'],
      `${x509Ttl} cannot be met with caTtl ${caTtl}: SVIDs live for a sixth of the CA’s lifetime at most, and never longer than 168h. Allowed: up to ${formatDuration(longest)}.`,
    );
  }
  const outage = longestOutage(x509Ttl);
  if (duration(outageTolerance) > outage) {
    refuse(
      ['spire', 'outageTolerance'],
      `${outageTolerance} cannot be met with x509Ttl ${x509Ttl}: SVIDs are renewed at half of their lifetime, so 45 % of it is all that is sure to be left when the server goes down. Allowed: up to ${formatDuration(outage)}.`,
    );
  }
}

function checkServer({ spire, peers, vault }: PlatformConfig, refuse: Refuse): void {
  const { datastore, replicas, keyManager, upstreamAuthority, images } = spire;
  if (datastore.type === 'sqlite' && replicas > 1) {
    refuse(
      ['spire', 'replicas'],
      `${replicas} servers need a datastore that they share; "sqlite" is a file of one. Use datastore.type: postgres, or replicas: 1.`,
    );
  }
  if (datastore.type === 'postgres') {
    const { port } = datastore;
    const reached = peers.some(({ component, ports }) => component === 'spire-server' && ports.includes(port));
    if (!reached) {
      refuse(
        ['spire', 'datastore', 'host'],
        `no network policy lets the server reach its database. Add to "peers" one with component: spire-server and ports: [${port}].`,
      );
    }
  }
  if (keyManager.type === 'memory' && upstreamAuthority === undefined) {
    refuse(
      ['spire', 'keyManager', 'type'],
      '"memory" forgets the CA at every restart, and nobody else signs a new one. Set upstreamAuthority, or use disk.',
    );
  }
  if (upstreamAuthority?.type === 'vault' && vault === undefined) {
    refuse(
      ['spire', 'upstreamAuthority', 'type'],
      '"vault" needs the platform’s "vault", which says where its pods are; no network policy lets the server reach it.',
    );
  }
  const skew = versionSkew(images);
  if (skew !== undefined) refuse(['spire', 'images', 'agent'], skew);
}
