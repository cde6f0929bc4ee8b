import type { Field } from './kube-object.js';
import type { Protocol } from './ports.js';
import { parseAddress } from '../model/addresses.js';
import type { Address } from '../model/addresses.js';

export interface Service {
  readonly namespace: string;
  readonly name: string;
  /** Labels a backend must carry; `undefined` when backends come from elsewhere (no selector, ExternalName). */
  readonly selector: ReadonlyMap<string, string> | undefined;
  /** Virtual addresses that the network layer translates to backends. */
  readonly addresses: readonly Address[];
  readonly ports: readonly ServicePort[];
}

export interface ServicePort {
  readonly name?: string;
  readonly protocol: Protocol;
  readonly port: number;
  /** Port of the backend; a name is resolved on each of them. */
  readonly target: number | string;
}

export function readService(object: Field): Service {
  const [metadata, spec] = [object.at('metadata'), object.at('spec')];
  const selector = spec.at('selector').labels();
  const external = spec.at('type').optionalText() === 'ExternalName';
  return {
    namespace: metadata.at('namespace').optionalText() ?? 'default',
    name: metadata.at('name').text(),
    selector: external || selector.size === 0 ? undefined : selector,
    addresses: readClusterAddresses(spec),
    ports: spec.at('ports').items().map(readPort),
  };
}

function readClusterAddresses(spec: Field): Address[] {
  const listed = spec.at('clusterIPs').items();
  return (listed.length > 0 ? listed : [spec.at('clusterIP')])
    .filter((field) => !field.absent && field.value !== '' && field.value !== 'None')
    .map((field) => field.parse(parseAddress));
}

function readPort(field: Field): ServicePort {
  const [name, target] = [field.at('name').optionalText(), field.at('targetPort')];
  const port = field.at('port').port();
  return {
    ...(name !== undefined && { name }),
    protocol: field.at('protocol').absent ? 'TCP' : field.at('protocol').oneOf('TCP', 'UDP', 'SCTP'),
    port,
    // 0 is how Go writes "not set" into JSON.
    target:
      target.absent || target.value === 0 ? port : typeof target.value === 'string' ? target.value : target.port(),
  };
}
