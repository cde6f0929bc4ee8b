import { describe, expect, it } from 'vitest';
import { connectionsText, reachTable } from '../../src/prove/index.js';

describe('the table of reach', () => {
  it('is fixed-width text without colours', () => {
    const connections = [
      {
        protocol: 'TCP',
        ports: [
          [443, 443],
          [8000, 8080],
        ],
      },
      { protocol: 'UDP', ports: [[53, 53]] },
    ] as const;
    expect(
      reachTable([
        { to: 'a/api[Deployment]', connections },
        { to: '::/0', connections: [connections[1]] },
      ]),
    ).toBe(
      ['TO                 PORTS', 'a/api[Deployment]  TCP 443, 8000-8080; UDP 53', '::/0               UDP 53'].join(
        '\n',
      ),
    );
  });

  it('of no rows says so', () => {
    expect(reachTable([])).toBe('nothing');
  });

  it('writes all of a protocol, all of everything and ICMP in words', () => {
    const all = (['TCP', 'UDP', 'SCTP'] as const).map((protocol) => ({ protocol, ports: [[1, 65535]] as const }));
    const other = { protocol: 'other', ports: [] } as const;
    expect(connectionsText([all[0]!])).toBe('TCP all ports');
    expect(connectionsText([...all, other])).toBe('everything');
    expect(connectionsText([all[1]!, other])).toBe('UDP all ports; other protocols');
  });
});
