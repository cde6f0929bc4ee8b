import { podsIn } from '../classes/pod-class.js';
import type { KnownEdge } from './deputies.js';
import { farOf, portsOfEdge } from './intent.js';
import type { OpenEdge } from './intent.js';

/** The open edges that begin at pods, as sets. @param publicCidrs as {@link intentOf} takes them */
export const knownEdges = (
  open: readonly OpenEdge[],
  publicCidrs: readonly string[] | undefined,
): readonly KnownEdge[] =>
  open.flatMap(({ id, from, to, ports, forwards }) =>
    from.kind === 'pods'
      ? [
          {
            id,
            from: podsIn(from.namespace, from.labels),
            to: farOf(to, publicCidrs),
            ports: portsOfEdge(ports),
            forwards,
          },
        ]
      : [],
  );
