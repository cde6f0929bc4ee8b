import { expect, it } from 'vitest';
import { SvidVolumes } from '../../../src/constructs/guards/svid-volumes.js';
import { NAMESPACES } from '../../../src/model/names.js';
import { platform, render } from './fixture.js';

const { bindings } = render((scope) => new SvidVolumes(scope, 'guard', { platform }));

it('leaves out the pods whose sidecar another guard holds, and no others but SPIRE’s', () => {
  const selectorOf = (suffix: string): unknown =>
    (
      bindings.find(({ metadata }) => metadata.name === `portarium-guard-svid-volumes-${suffix}`)!.spec
        .matchResources as unknown as { objectSelector: { matchExpressions?: readonly unknown[] } }
    ).objectSelector.matchExpressions;
  expect(selectorOf('agents')).toEqual([{ key: 'portarium.io/role', operator: 'NotIn', values: ['agent'] }]);
  expect(selectorOf('api-server')).toEqual([
    { key: 'portarium.io/component', operator: 'NotIn', values: ['api-server'] },
  ]);
  expect(selectorOf('worker')).toEqual([{ key: 'portarium.io/component', operator: 'NotIn', values: ['worker'] }]);
  expect(selectorOf('others')).toBeUndefined();
  const bound = bindings.flatMap(
    ({ spec }) => spec.matchResources.namespaceSelector.matchExpressions?.[0]?.values ?? [],
  );
  expect(bound.sort()).toEqual(
    ['portarium-agents', 'shared', ...Object.values(NAMESPACES).filter((name) => name !== NAMESPACES.spire)].sort(),
  );
});
