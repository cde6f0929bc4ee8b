import { expect, it } from 'vitest';
import { loadStacks } from '../../src/config/load.js';
import { platformEdges } from '../../src/model/platform-edges.js';
import { workspaceEdges } from '../../src/model/workspace-edges.js';
import { servicePairs } from '../../src/model/service-pairs.js';
import { tableIn, writeTable } from '../integration/front/table.js';

const { platform, workspaces } = loadStacks({ dir: 'stacks' });
const acme = workspaces.find(({ id }) => id === 'ws-acme')!;
const pairs = servicePairs([...platformEdges({ ...platform, workspaces: [] }), ...workspaceEdges(platform, acme)]);

it('every service pair of the committed stacks is in docs/mtls.md, with mTLS or the reason why not', () => {
  const rows = [
    ['from', 'to', 'port (of the pod)', 'open', 'mTLS'],
    ...pairs.map(({ from, to, ports, open, mtls }) => [from, to, ports, open, mtls]),
  ];
  if (process.env['UPDATE_GOLDEN'] !== undefined) writeTable('pairs', rows);
  expect(tableIn('pairs')).toEqual(rows);
});

it('agents and workers reach the front by SVID, always', () => {
  const bySvid = pairs.filter(({ mtls, open }) => mtls === 'SVIDs both ways' && open === 'always');
  expect(bySvid.filter(({ to }) => to === 'api-server').map(({ from }) => from)).toEqual(['worker', 'agents-ws-acme']);
});

it('no reason is empty', () => {
  expect(pairs.filter(({ mtls }) => !/^(SVIDs both ways|no: .{10,})$/.test(mtls))).toEqual([]);
});
