import { canonicalJson } from '../../model/canonical.js';
import { AGENT_ROLE, LABELS, NAMESPACE_NAME_LABEL } from '../../model/names.js';
import { SPIFFE_ID_TEMPLATE, SPIRE_CLASS, SPIRE_GROUP, SVID_CONTAINER } from '../../model/spire.js';
import { Field } from '../kube-object.js';
import type { KubeObject } from '../kube-object.js';

export interface RegistrationFacts {
  readonly trustDomain: string;
  readonly workspaces: readonly { readonly id: string; readonly namespace: string }[];
  readonly platformNamespaces: readonly string[];
  /** The platform's objects as rendered: then every registration of its class must be one of them, exactly. */
  readonly rendered?: readonly KubeObject[];
}

/** What is wrong with a registration: the field, and what somebody could become by it. */
export interface Fault {
  readonly object: KubeObject;
  readonly field: string;
  readonly problem: string;
}

export const isRegistration = ({ apiVersion, kind }: KubeObject): boolean =>
  apiVersion.startsWith(`${SPIRE_GROUP}/`) && /^Cluster(SPIFFEID|StaticEntry|FederatedTrustDomain)$/.test(kind);

/** Whether the platform's controller manager acts on it; one without a class it ignores. */
export const isOurs = (object: KubeObject): boolean =>
  Field.of(object).at('spec').at('className').value === SPIRE_CLASS;

/**
 * What lets a registration give somebody an identity that is not theirs: an SVID of an agent outside the agent's sidecar,
 * or any authority of SPIRE's own. Throws UnreadableObjectError.
 */
export function registrationFaults(registration: KubeObject, facts: RegistrationFacts): readonly Fault[] {
  const spec = Field.of(registration).at('spec');
  const fault = (field: string, problem: string): Fault => ({ object: registration, field: `spec.${field}`, problem });
  const faults: Fault[] = [];
  if (registration.kind === 'ClusterFederatedTrustDomain') {
    faults.push(fault('trustDomain', 'identities that another trust domain makes are believed'));
  }
  for (const flag of ['admin', 'downstream', 'storeSVID']) {
    if (spec.at(flag).value === true) faults.push(fault(flag, 'its holder has authority of SPIRE’s own'));
  }
  if (spec.at('federatesWith').items().length > 0) {
    faults.push(fault('federatesWith', 'another trust domain’s identities are believed'));
  }
  for (const ttl of ['jwtTtl', 'jwtSVIDTTL']) {
    if (!spec.at(ttl).absent) faults.push(fault(ttl, 'a JWT-SVID can be passed on to anybody'));
  }
  if (registration.kind === 'ClusterSPIFFEID') faults.push(...spiffeIdFaults(spec, facts, fault));
  if (registration.kind === 'ClusterStaticEntry') faults.push(...staticFaults(spec, facts, fault));
  if (facts.rendered !== undefined && !isRendered(registration, facts.rendered)) {
    faults.push({ object: registration, field: 'spec', problem: 'it is not as the platform’s stack renders it' });
  }
  return faults;
}

type MakeFault = (field: string, problem: string) => Fault;

function spiffeIdFaults(spec: Field, { workspaces }: RegistrationFacts, fault: MakeFault): readonly Fault[] {
  const faults: Fault[] = [];
  const namespace = spec.at('namespaceSelector').at('matchLabels').labels().get(NAMESPACE_NAME_LABEL);
  const labels = spec.at('podSelector').at('matchLabels').labels();
  if (namespace === undefined) {
    faults.push(
      fault(
        'namespaceSelector',
        `pods of any namespace with its labels get an SVID: it has no ${NAMESPACE_NAME_LABEL}`,
      ),
    );
  }
  if (labels.size === 0) faults.push(fault('podSelector', 'every pod of the namespace gets an SVID'));
  if (spec.at('spiffeIDTemplate').value !== SPIFFE_ID_TEMPLATE) {
    faults.push(fault('spiffeIDTemplate', 'the SPIFFE ID is not that of the pod’s own namespace and service account'));
  }
  const templates = spec
    .at('workloadSelectorTemplates')
    .items()
    .map((each) => each.text());
  if (!templates.includes(`k8s:container-name:${SVID_CONTAINER}`)) {
    faults.push(
      fault('workloadSelectorTemplates', `any container of the pod gets the SVID, not ${SVID_CONTAINER} alone`),
    );
  }
  const ids = workspaces.filter((workspace) => workspace.namespace === namespace).map(({ id }) => id);
  const isAgents = labels.get(LABELS.role) === AGENT_ROLE && ids.includes(labels.get(LABELS.workspace) ?? '');
  if (ids.length > 0 && labels.size > 0 && !isAgents) {
    faults.push(
      fault(
        'podSelector',
        'pods among agents get an SVID whose sidecar no guard holds: it does not select agents of one workspace',
      ),
    );
  }
  return faults;
}

function staticFaults(
  spec: Field,
  { trustDomain, workspaces, platformNamespaces }: RegistrationFacts,
  fault: MakeFault,
): readonly Fault[] {
  const faults: Fault[] = [];
  const id = spec.at('spiffeID').text();
  const [domain, ...path] = id.replace(/^spiffe:\/\//, '').split('/');
  const guarded = new Set([...platformNamespaces, ...workspaces.map(({ namespace }) => namespace)]);
  if (domain !== trustDomain) faults.push(fault('spiffeID', `it is of another trust domain than ${trustDomain}`));
  if (path.some((segment) => guarded.has(segment))) {
    faults.push(fault('spiffeID', `whoever has its selectors is ${id}, which only a pod of that namespace may be`));
  }
  if (spec.at('selectors').items().length === 0) {
    faults.push(fault('selectors', `any workload of the parent is ${id}`));
  }
  return faults;
}

const isRendered = (live: KubeObject, rendered: readonly KubeObject[]): boolean =>
  rendered.some(
    (expected) =>
      expected.apiVersion === live.apiVersion &&
      expected.kind === live.kind &&
      expected.metadata?.name === live.metadata?.name &&
      canonicalJson(Field.of(expected).at('spec').value) === canonicalJson(Field.of(live).at('spec').value),
  );
