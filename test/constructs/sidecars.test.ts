import { describe, expect, it } from 'vitest';
import { sidecarsFor, type SidecarPart } from '../../src/constructs/sidecars.js';
import { PLATFORM } from '../model/examples.js';

const component = (name: string) => ({ 'portarium.io/component': name });
const agent = { 'portarium.io/role': 'agent', 'portarium.io/agent': 'sales-bot' };
const namesOf = (part: SidecarPart | undefined) =>
  part && [part.initContainers, part.volumes].map((list) => list.map(({ name }) => name));
const filesOf = (part: SidecarPart | undefined) => part?.volumes[0]?.['configMap'];
const VOLUMES = ['envoy-config', 'envoy-run', 'spire'];

describe('the sidecars that a pod must have', () => {
  it('are Envoy with the files of its own name and then the start gate, for an agent', () => {
    const part = sidecarsFor(PLATFORM, 'portarium-agents', agent);
    expect(namesOf(part)).toEqual([['envoy', 'start-gate'], VOLUMES]);
    expect(filesOf(part)).toEqual({ name: 'sales-bot-envoy' });
  });

  it('are Envoy with the workers’ files, for a worker', () => {
    const part = sidecarsFor(PLATFORM, 'portarium-execution', component('worker'));
    expect(namesOf(part)).toEqual([['envoy'], VOLUMES]);
    expect(filesOf(part)).toEqual({ name: 'worker-envoy' });
  });

  it('are Envoy and then the authorizer, for the api-server', () => {
    const part = sidecarsFor(PLATFORM, 'portarium-control-plane', component('api-server'));
    expect(namesOf(part)).toEqual([
      ['envoy', 'authorizer'],
      [
        'envoy-config',
        'envoy-run',
        'spire',
        'envoy-tls',
        'authorizer-config',
        'authorizer-openfga',
        'authorizer-records',
        'authorizer-run',
        'authorizer-token',
      ],
    ]);
    expect(filesOf(part)).toEqual({ name: 'api-server-envoy' });
  });

  it.each([
    ['the DNS server', 'portarium-agents', component('agent-dns-ws-acme')],
    ['another component', 'portarium-control-plane', component('openfga')],
    ['a worker’s label elsewhere', 'portarium-control-plane', component('worker')],
    ['an agent’s labels elsewhere', 'portarium-execution', agent],
    ['no labels', 'portarium-agents', {}],
  ])('are none, for %s', (_, namespace, labels) => {
    expect(sidecarsFor(PLATFORM, namespace, labels)).toBeUndefined();
  });
});
