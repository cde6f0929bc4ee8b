import { describe, expect, it } from 'vitest';
import { serviceReach } from '../../src/prove/index.js';
import { egress, pod, policy, service } from './objects.js';

const SOURCE = { namespace: 'a', name: 'agent' };
const API = { namespace: 'b', name: 'api' };
const toB = (...ports: object[]): object => ({ to: [{ namespaceSelector: {} }], ports });
const backend = (name: string, containerPort: number, labels = { app: 'api' }): ReturnType<typeof pod> =>
  pod(name, { namespace: 'b', labels, ports: [{ name: 'https', containerPort }] });
const api = (spec: object): ReturnType<typeof service> => service('api', { selector: { app: 'api' }, ...spec }, 'b');

describe('serviceReach', () => {
  it('tells for each port whether a backend is reachable on its own port', () => {
    const spec = {
      clusterIPs: ['10.96.0.1', 'fd00::96'],
      ports: [
        { name: 'https', port: 443, targetPort: 'https' },
        { name: 'grpc', port: 50051 },
        { name: 'dns', port: 53, protocol: 'UDP' },
      ],
    };
    const objects = [
      pod('agent'),
      api(spec),
      backend('one', 8443),
      backend('two', 9443),
      backend('other', 8443, { app: 'other' }),
      policy('p', egress(toB({ port: 9443 }, { port: 53 }))),
    ];
    expect(serviceReach(objects, SOURCE, API)).toEqual({
      service: 'b/api',
      ports: [
        { name: 'https', protocol: 'TCP', port: 443, backends: 2, reachable: true, virtualAddressAllowed: false },
        { name: 'grpc', protocol: 'TCP', port: 50051, backends: 2, reachable: false, virtualAddressAllowed: false },
        { name: 'dns', protocol: 'UDP', port: 53, backends: 2, reachable: false, virtualAddressAllowed: false },
      ],
      notEvaluated: [],
      complete: true,
    });
  });

  it('counts for a named port only the backends that have the name', () => {
    const objects = [pod('agent'), api({ ports: [{ port: 443, targetPort: 'web' }] }), backend('one', 8443)];
    expect(serviceReach(objects, SOURCE, API).ports[0]).toMatchObject({ backends: 0, reachable: false });
  });

  it('takes the port of the Service where no targetPort is set, which Go may write as 0', () => {
    for (const targetPort of [undefined, 0]) {
      const objects = [pod('agent'), api({ ports: [{ port: 443, targetPort }] }), backend('one', 8443)];
      const allowed = policy('p', egress(toB({ port: 443 })));
      expect(serviceReach([...objects, allowed], SOURCE, API).ports[0]).toMatchObject({ reachable: true });
    }
  });

  it('treats a headless Service as its backends', () => {
    const headless = api({ clusterIP: 'None', ports: [{ port: 443, targetPort: 8443 }] });
    const objects = [pod('agent'), headless, backend('one', 8443), policy('p', egress(toB({ port: 8443 })))];
    expect(serviceReach(objects, SOURCE, API).ports[0]).toMatchObject({
      reachable: true,
      virtualAddressAllowed: false,
    });
  });

  it('says when there is no such Service', () => {
    expect(() => serviceReach([pod('agent')], SOURCE, API)).toThrow('no Service b/api');
  });
});
