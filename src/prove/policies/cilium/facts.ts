import { NO_ADDRESSES, parseCidr, union } from '../../../model/addresses.js';
import type { AddressSet } from '../../../model/addresses.js';
import { Field } from '../../kube-object.js';
import type { KubeObject } from '../../kube-object.js';
import { selects } from '../../selector.js';
import type { Selector } from '../../selector.js';

/** Other objects that policies of Cilium refer to. */
export interface CiliumFacts {
  /** Addresses of each CiliumCIDRGroup. */
  readonly cidrGroups: ReadonlyMap<string, AddressSet>;
  readonly services: readonly ReferredService[];
}

export interface ReferredService {
  readonly namespace: string;
  readonly name: string;
  /** Labels of its pods; undefined where they come from elsewhere. */
  readonly selector: ReadonlyMap<string, string> | undefined;
  /** Whether a selector picks the Service itself, by its labels. */
  readonly matches: (selector: Selector) => boolean;
}

export function ciliumFacts(objects: readonly KubeObject[]): CiliumFacts {
  const groups = objects.filter(
    ({ apiVersion, kind }) => apiVersion.startsWith('cilium.io/') && kind === 'CiliumCIDRGroup',
  );
  return {
    cidrGroups: new Map(
      groups.map(Field.of).map((group) => [
        group.at('metadata').at('name').text(),
        union(
          NO_ADDRESSES,
          ...group
            .at('spec')
            .at('externalCIDRs')
            .items()
            .map((cidr) => cidr.parse((text) => parseCidr(text))),
        ),
      ]),
    ),
    services: objects
      .filter(({ apiVersion, kind }) => apiVersion === 'v1' && kind === 'Service')
      .map(Field.of)
      .map(readService),
  };
}

function readService(service: Field): ReferredService {
  const metadata = service.at('metadata');
  const selector = service.at('spec').at('selector').labels();
  const labels = metadata.at('labels').labels();
  return {
    namespace: metadata.at('namespace').optionalText() ?? 'default',
    name: metadata.at('name').text(),
    selector: selector.size === 0 ? undefined : selector,
    matches: (wanted) => selects(wanted, labels),
  };
}
