import { NAMESPACE_NAME_LABEL } from '../../../model/names.js';
import { SPIFFE_ID_TEMPLATE } from '../../../model/spire.js';
import { show, tryPlugin, type Registration, type Rendered } from './rendered.js';

type Faults = readonly (string | false | undefined)[];

const namespaceOf = ({ namespaceSelector }: Registration): string | undefined =>
  namespaceSelector?.matchLabels?.[NAMESPACE_NAME_LABEL];

/** Whether the controller manager acts on all of what is registered here, and on nothing else. */
export function controllerManager({ controllerManager: config, server, registrations, objects }: Rendered): Faults {
  if (config === undefined) return [];
  const { ignoreNamespaces = [], className, entryIDPrefix = '', gcInterval, reconcile } = config;
  const webhook = objects.find(({ kind }) => kind === 'ValidatingWebhookConfiguration');
  const webhooks = (webhook?.['webhooks'] ?? []) as readonly { name: string; clientConfig: { caBundle?: string } }[];
  const names = webhooks.map(({ name }) => name);
  return [
    ...ignoreNamespaces.flatMap((pattern) => [
      !/^\^.*\$$/.test(pattern) &&
        `${show(pattern)} ignores every namespace with that in its name; write ${show(`^${pattern}$`)}.`,
      ...registrations
        .map(namespaceOf)
        .map(
          (namespace) =>
            namespace !== undefined &&
            new RegExp(pattern).test(namespace) &&
            `${show(pattern)} ignores ${namespace}, whose pods are registered.`,
        ),
    ]),
    className === undefined && 'the controller manager acts on registrations of every class.',
    entryIDPrefix === '' && 'without entryIDPrefix the controller manager deletes every entry it did not make.',
    !Number.isInteger(gcInterval) && `gcInterval is ${show(gcInterval)}; it is a number of nanoseconds.`,
    reconcile !== undefined && 'a "reconcile" block switches off every kind that it does not name.',
    config.spireServerSocketPath !== server?.server?.socket_path &&
      'the controller manager and the server have different sockets.',
    webhook?.metadata.name !== config.validatingWebhookConfigurationName &&
      'the controller manager looks for a webhook that is not rendered.',
    show([...names].sort()) !== show(names) &&
      `the webhooks are in another order than the API server keeps them: ${names.join(', ')}.`,
    webhooks.some(({ clientConfig }) => clientConfig.caBundle !== undefined) &&
      'the webhook’s caBundle is rendered; it is the controller manager’s.',
    ...registrations.map(
      (each) =>
        each.className !== className &&
        `${each.name} has the class ${show(each.className)}, so the controller manager ignores it.`,
    ),
  ];
}

/** Whom the registrations make whom. */
export function identities({ registrations, server, agent }: Rendered): Faults {
  const domain = server?.server?.trust_domain ?? '';
  const cluster = tryPlugin<{ cluster?: string }>(agent, 'NodeAttestor', 'k8s_psat')?.cluster ?? '';
  const aliases = registrations.filter(({ parentID }) => parentID === `spiffe://${domain}/spire/server`);
  const isNode = (parentID: string): boolean => {
    const prefix = `spiffe://${domain}/spire/agent/k8s_psat/${cluster}/`;
    return parentID.startsWith(prefix) && /^[0-9a-f-]{36}$/.test(parentID.slice(prefix.length));
  };
  return registrations.flatMap((each) => {
    const { name, kind, parentID = '' } = each;
    const selectors = each.workloadSelectorTemplates ?? each.selectors ?? [];
    const isAlias = aliases.includes(each);
    const general = [
      (each.admin === true || each.downstream === true) && `${name} hands out the server’s own authority.`,
      !isAlias &&
        !selectors.some((selector) => selector.startsWith('k8s:container-name:')) &&
        `${name} is bound to no container, so every container of the pod gets the SVID.`,
    ];
    if (kind !== 'ClusterSPIFFEID') {
      const known = isAlias || isNode(parentID) || aliases.some(({ spiffeID }) => spiffeID === parentID);
      return [...general, !known && `${name}: no agent has the parent ID ${show(parentID)}; it ends in a node’s UID.`];
    }
    return [
      ...general,
      each.spiffeIDTemplate !== SPIFFE_ID_TEMPLATE &&
        `${name} makes SPIFFE IDs of something else than namespace and service account.`,
      namespaceOf(each) === undefined && `${name} does not select its namespace by name.`,
      Object.keys(each.podSelector?.matchLabels ?? {}).length === 0 && `${name} selects every pod of its namespace.`,
    ];
  });
}
