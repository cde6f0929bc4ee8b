import { describe, expect, it } from 'vitest';
import { relaxationLabels, relaxesLabel } from '../../../src/constructs/admission/relaxation-labels.js';
import { network } from './fixture.js';
import { PLATFORM } from '../../model/examples.js';

describe('relaxationLabels', () => {
  it('repeat workspace, controls and state', () => {
    expect(relaxationLabels({ workspaceId: 'ws-acme', controls: ['egress', 'mtls'], state: 'approved' })).toEqual({
      'portarium.io/workspace': 'ws-acme',
      'relaxes.portarium.io/egress': 'approved',
      'relaxes.portarium.io/mtls': 'approved',
    });
  });

  it('are what the bindings of network objects look for', () => {
    const { bindings } = network(PLATFORM);
    for (const { id } of PLATFORM.workspaces) {
      for (const control of ['egress', 'mtls'] as const) {
        const found = bindings.find(
          ({ metadata }) => metadata.name === `portarium-network-relaxed-needs-approved-${control}-${id}`,
        );
        expect(found?.spec.paramRef?.selector).toEqual({
          matchLabels: { 'portarium.io/workspace': id, [relaxesLabel(control)]: 'approved' },
        });
        expect(found?.spec.matchResources.objectSelector.matchExpressions).toEqual([
          { key: 'portarium.io/workspace', operator: 'In', values: [id] },
          { key: 'portarium.io/opens', operator: 'In', values: [control] },
          { key: 'portarium.io/relaxation', operator: 'Exists' },
        ]);
      }
    }
  });
});
