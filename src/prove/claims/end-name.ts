import { formatCidrs } from '../../model/addresses.js';
import { describeClass } from '../classes/describe.js';
import type { Far } from './intent.js';
import type { UnintendedFar } from './violations.js';

/** The far end of an edge, or of a packet that no edge is for, in words: `[pods app=web] in shop`, `0.0.0.0/0, ::/0`, a host. */
export function endName(far: Far | UnintendedFar): string {
  switch (far.kind) {
    case 'pods':
      return describeClass(far.pods);
    case 'hosts':
      return far.hosts.join(', ');
    case 'entity':
      return far.entity.replace(/^host:/, '');
    case 'addresses': {
      const cidrs = formatCidrs(far.addresses);
      return cidrs.length <= 3 ? cidrs.join(', ') : `${cidrs[0]} and ${cidrs.length - 1} more ranges`;
    }
  }
}
