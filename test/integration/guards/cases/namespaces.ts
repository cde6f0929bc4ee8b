import { NAMESPACES } from '../../../../src/model/names.js';
import { OUTSIDE } from '../fixture.js';
import { patch, type Attempt, type Case } from './case.js';

const at = (name: string): string => `/api/v1/namespaces/${name}`;
const labelled = (labels: Readonly<Record<string, string | null>>): object => ({ metadata: { labels } });
const deleted = (name: string, by?: string): Attempt => ({
  method: 'DELETE',
  path: `${at(name)}?dryRun=All`,
  ...(by !== undefined && { by }),
});
const created = (by?: string): Attempt => ({
  method: 'POST',
  path: '/api/v1/namespaces?dryRun=All',
  body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'g-agents-unborn' } },
  ...(by !== undefined && { by }),
});

const relabel = (what: string, path: string, label: string, value: string | null): Case => ({
  guard: 'namespaces',
  refusal: 1,
  what,
  refused: patch(path, labelled({ [label]: value })),
  permitted: patch(path, labelled({ [label]: value }), 'platform-deployer'),
});

export const namespaceCases: readonly Case[] = [
  {
    guard: 'namespaces',
    refusal: 0,
    what: 'a namespace made by others',
    refused: created(),
    permitted: created('platform-deployer'),
  },
  relabel('Pod Security loosened', at('g-agents'), 'pod-security.kubernetes.io/enforce', 'privileged'),
  relabel('a binding label added', at(NAMESPACES.controlPlane), 'portarium.io/stack', 'mine'),
  relabel('a label removed', at('g-agents'), 'portarium.io/keep', null),
  relabel('enrolment in a mesh', at('g-agents'), 'istio.io/dataplane-mode', 'ambient'),
  {
    ...relabel(
      'labels through the status',
      `${at('g-agents')}/status`,
      'pod-security.kubernetes.io/enforce',
      'baseline',
    ),
    permitted: patch(`${at('g-agents')}/status`, labelled({ team: 'sales' })),
  },
  {
    guard: 'namespaces',
    refusal: 1,
    what: 'labels through finalize',
    refused: finalize({ 'pod-security.kubernetes.io/enforce': 'baseline', 'portarium.io/keep': 'namespace' }),
    permitted: finalize({ 'portarium.io/keep': 'namespace' }),
  },
  {
    ...relabel('a label of the guarded kind, of which break-glass may', at('g-agents'), 'portarium.io/stack', 'mine'),
    permitted: patch(at('g-agents'), labelled({ 'portarium.io/stack': 'mine' }), 'breakglass'),
  },
  {
    ...relabel('a label, of which another is free', at('g-agents'), 'portarium.io/stack', 'mine'),
    permitted: patch(at('g-agents'), labelled({ team: 'sales' })),
  },
  {
    guard: 'namespaces',
    refusal: 2,
    what: 'a namespace deleted',
    refused: deleted('g-agents'),
    permitted: deleted('g-agents', 'platform-deployer'),
  },
  {
    guard: 'namespaces',
    refusal: 2,
    what: 'a namespace of the platform deleted',
    refused: deleted(NAMESPACES.spire),
    permitted: deleted(OUTSIDE),
  },
];

function finalize(labels: Readonly<Record<string, string>>): Attempt {
  return {
    method: 'PUT',
    path: `${at('g-agents')}/finalize?dryRun=All`,
    body: {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'g-agents', labels },
      spec: { finalizers: ['kubernetes'] },
    },
  };
}
