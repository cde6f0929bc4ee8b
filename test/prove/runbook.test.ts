import { describe, expect, it } from 'vitest';
import { explain, reach, reachedBy, reachTable } from '../../src/prove/index.js';
import type { KubeObject } from '../../src/prove/index.js';
import { namespace, pod } from './objects.js';
import { RUNBOOK } from '../support/runbook.js';

const AGENT = { namespace: 'portarium-agents', name: 'sales-bot' };
const agentLabels = { 'portarium.io/role': 'agent' };

const cluster: readonly KubeObject[] = [
  RUNBOOK,
  namespace('portarium-agents'),
  namespace('portarium-control-plane', { 'portarium.io/component': 'control-plane' }),
  namespace('portarium-observability', { 'portarium.io/component': 'observability' }),
  namespace('shop'),
  pod('sales-bot', { namespace: 'portarium-agents', labels: agentLabels, ips: ['10.244.0.10'] }),
  pod('api-server', { namespace: 'portarium-control-plane', ips: ['10.244.0.20'] }),
  pod('collector', { namespace: 'portarium-observability', ips: ['10.244.0.30'] }),
  pod('shop', { namespace: 'shop', ips: ['10.244.0.40'] }),
];

describe("the runbook's own egress policy", () => {
  it('reads as this table', () => {
    expect(`\n${reachTable(reach(cluster, AGENT).rows)}\n`).toBe(
      `
TO                                      PORTS
portarium-control-plane/api-server[Pod] TCP 53, 443, 50051; UDP 53
portarium-observability/collector[Pod]  TCP 53, 4317; UDP 53
shop/shop[Pod]                          TCP 53; UDP 53
0.0.0.0/0                               TCP 53; UDP 53
::/0                                    TCP 53; UDP 53
`.replaceAll(/^(\S+ *) (TCP|PORTS)/gm, '$1  $2'),
    );
  });

  it('leaves port 53 open to every address, in UDP and TCP, IPv4 and IPv6', () => {
    for (const destination of ['8.8.8.8', '203.0.113.66', '2001:db8::66']) {
      for (const protocol of ['UDP', 'TCP'] as const) {
        const told = explain(cluster, AGENT, { destination, protocol, port: 53 });
        expect(told.verdict).toBe('allowed');
        expect(told.egress.allowedBy).toEqual([
          { policy: 'portarium-agents/agent-egress-deny-default', field: 'spec.egress[1]' },
        ]);
      }
    }
    expect(explain(cluster, AGENT, { destination: '8.8.8.8', protocol: 'TCP', port: 443 }).verdict).toBe('denied');
  });

  it('leaves a pod of the namespace without the role label free', () => {
    const unlabelled = pod('job', { namespace: 'portarium-agents' });
    const { isolated, rows, notes } = reach([...cluster, unlabelled], { namespace: 'portarium-agents', name: 'job' });
    expect(isolated).toBe(false);
    expect(rows.find(({ to }) => to === '0.0.0.0/0')?.connections).toContainEqual({
      protocol: 'TCP',
      ports: [[1, 65535]],
    });
    expect(notes).toContain('No policy isolates it in this direction.');
  });

  it('reaches any pod of any namespace whose tenant sets the component label', () => {
    const tenant = [
      namespace('evil', { 'portarium.io/component': 'control-plane' }),
      pod('relay', { namespace: 'evil', labels: { app: 'relay' } }),
    ];
    const packet = { destination: { namespace: 'evil', name: 'relay' }, protocol: 'TCP', port: 443 } as const;
    const told = explain([...cluster, ...tenant], AGENT, packet);
    expect(told.verdict).toBe('allowed');
    expect(told.egress.allowedBy).toEqual([
      { policy: 'portarium-agents/agent-egress-deny-default', field: 'spec.egress[0]' },
    ]);
  });

  it('leaves ingress open to every pod and address', () => {
    const { isolated, rows } = reachedBy(cluster, AGENT);
    expect(isolated).toBe(false);
    expect(reachTable(rows.filter(({ from }) => from === 'shop/shop[Pod]' || from.includes('/0')))).toMatch(
      /^FROM +PORTS\nshop\/shop\[Pod\] +everything\n0\.0\.0\.0\/0 +everything\n::\/0 +everything$/,
    );
  });
});
