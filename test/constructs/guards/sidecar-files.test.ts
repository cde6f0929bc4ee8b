import { expect, it } from 'vitest';
import { SidecarFiles } from '../../../src/constructs/guards/sidecar-files.js';
import { renderPlatform, renderWorkspace } from '../../../src/charts/render.js';
import { isPatch, type KubeObject } from '../../../src/model/kube-object.js';
import { ACME, PLATFORM } from '../../model/examples.js';
import { platform, render } from './fixture.js';

const [policy] = render((scope) => new SidecarFiles(scope, 'guard', { platform })).policies;
const { matchConditions } = policy!.spec as unknown as { matchConditions: readonly { expression: string }[] };

/** What the condition of the guard says, for a name. */
const isHeld = (name: string): boolean =>
  name.endsWith('-envoy') || name === 'api-server-authorizer' || name.startsWith('agent-dns-');

it('is for ConfigMaps by name', () => {
  expect(matchConditions).toEqual([
    {
      name: 'files',
      expression:
        'object.metadata.name.endsWith("-envoy") || object.metadata.name == "api-server-authorizer" || object.metadata.name.startsWith("agent-dns-")',
    },
  ]);
});

it('covers the Corefile, which carries its workspace’s label', () => {
  const maps = renderWorkspace(PLATFORM, ACME).filter(
    (object) => object.kind === 'ConfigMap' && (object['data'] as object | undefined)?.hasOwnProperty('Corefile'),
  );
  expect(maps.map(({ metadata }) => [metadata.name, metadata.labels?.['portarium.io/workspace']])).toEqual([
    ['agent-dns-ws-acme', 'ws-acme'],
  ]);
  expect(isHeld('agent-dns-ws-acme')).toBe(true);
});

it('covers every ConfigMap that a rendered sidecar reads', () => {
  const objects = [...renderPlatform(PLATFORM), ...renderWorkspace(PLATFORM, ACME)];
  const volumes = objects.flatMap((object) => (isSidecarred(object) ? (podSpec(object).volumes ?? []) : []));
  const read = volumes.flatMap(({ configMap }) => configMap?.name ?? []);
  expect(new Set(read)).toEqual(
    new Set([
      'api-server-authorizer',
      'api-server-envoy',
      'invoice-clerk-envoy',
      'report-reader-envoy',
      'sales-bot-envoy',
      'worker-envoy',
    ]),
  );
  expect(read.filter((name) => !isHeld(name))).toEqual([]);
});

interface PodSpec {
  readonly initContainers?: readonly unknown[];
  readonly volumes?: readonly { readonly configMap?: { readonly name: string } }[];
}
const podSpec = ({ spec }: KubeObject): PodSpec => (spec as { template: { spec: PodSpec } }).template.spec;
const isSidecarred = (object: KubeObject): boolean =>
  object.kind === 'Deployment' && (isPatch(object) || podSpec(object).initContainers !== undefined);
