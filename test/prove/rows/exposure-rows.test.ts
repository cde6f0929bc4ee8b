import { describe, expect, it } from 'vitest';
import { connectionsText, readCluster } from '../../../src/prove/index.js';
import type { KubeObject } from '../../../src/prove/index.js';
import { exposureRows } from '../../../src/prove/rows/exposure-rows.js';
import { egress, namespace, pod, policy } from '../objects.js';

const rows = (...objects: KubeObject[]): readonly string[] =>
  exposureRows(readCluster(objects)).map(
    ({ src, dst, connections }) => `${src} -> ${dst}: ${connectionsText(connections)}`,
  );
const web = pod('web', { namespace: 'shop', labels: { app: 'web' } });
const closed = policy('closed', { policyTypes: ['Ingress', 'Egress'] }, 'shop');

describe('what pods that do not exist yet could reach', () => {
  it('is everything where nothing isolates, and nothing where all is closed', () => {
    expect(rows(web)).toEqual([
      'shop/web[Pod] -> [any namespace]/[any pod]: everything',
      '[any namespace]/[any pod] -> shop/web[Pod]: everything',
    ]);
    expect(rows(web, closed)).toEqual([]);
  });

  it('is told by the labels that a rule asks for, whether or not anybody carries them', () => {
    const rule = { to: [{ podSelector: { matchLabels: { app: 'db' } } }], ports: [{ port: 5432 }] };
    const open = policy('open', egress(rule), 'shop');
    expect(rows(web, closed, open)).toEqual([]);
    const admits = policy(
      'admits',
      { policyTypes: ['Ingress'], ingress: [{}], podSelector: { matchLabels: { app: 'db' } } },
      'shop',
    );
    expect(rows(web, closed, open, admits)).toEqual(['shop/web[Pod] -> shop/[pods app=db]: TCP 5432']);
  });

  it('holds a namespace that is there to its own policies, and others to none', () => {
    const rule = { to: [{ namespaceSelector: { matchLabels: { team: 'data' } } }] };
    const guarded = policy('guarded', { policyTypes: ['Ingress'] }, 'warehouse');
    expect(
      rows(web, closed, policy('open', egress(rule), 'shop'), namespace('warehouse', { team: 'data' }), guarded),
    ).toEqual(['shop/web[Pod] -> [namespaces name notin (shop, warehouse), team=data]/[any pod]: everything']);
  });

  it('counts NotIn for pods without the label, and replicas once', () => {
    const rule = {
      to: [{ podSelector: { matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['secret'] }] } }],
    };
    const again = pod('web-2', { namespace: 'shop', labels: { app: 'web' } });
    const free = policy(
      'free',
      { policyTypes: ['Egress'], ...egress(rule), podSelector: { matchLabels: { app: 'web' } } },
      'shop',
    );
    expect(rows(web, again, free).filter((row) => row.includes('-> shop/[pods'))).toEqual([
      'shop/web[Pod] -> shop/[pods tier notin (secret)]: everything',
      'shop/web-2[Pod] -> shop/[pods tier notin (secret)]: everything',
    ]);
  });
});
