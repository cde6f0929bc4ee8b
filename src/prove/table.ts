import type { Connection } from './rows.js';
import type { ReachedByRow, ReachRow } from './reach.js';

/**
 * Rows as fixed-width text without colours, one line a row under a header, no trailing newline.
 * Ranges of addresses keep their label; their CIDRs are in the row.
 */
export function reachTable(rows: readonly (ReachRow | ReachedByRow)[]): string {
  if (rows.length === 0) return 'nothing';
  const lines = rows.map((row): [string, string] => {
    const label = 'to' in row ? row.to : row.from;
    return [row.hostNetwork ? `${label} (host network)` : label, connectionsText(row.connections)];
  });
  lines.unshift(['to' in rows[0]! ? 'TO' : 'FROM', 'PORTS']);
  const width = Math.max(...lines.map(([label]) => label.length));
  return lines.map(([label, ports]) => `${label.padEnd(width)}  ${ports}`).join('\n');
}

/** As `TCP 443, 8000-8080; UDP 53`. */
export function connectionsText(connections: readonly Connection[]): string {
  const full = ({ ports }: Connection): boolean => ports.length === 1 && ports[0]![0] === 1 && ports[0]![1] === 65535;
  const other = connections.some(({ protocol }) => protocol === 'other');
  if (other && connections.filter(full).length === 3) return 'everything';
  return connections
    .map((connection) => {
      if (connection.protocol === 'other') return 'other protocols';
      const ports = connection.ports.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`));
      return `${connection.protocol} ${full(connection) ? 'all ports' : ports.join(', ')}`;
    })
    .join('; ');
}
