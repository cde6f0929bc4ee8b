import { Field } from '../field.js';
import type { KubeObject } from '../kube-object.js';
import { API_VERSION, NAMESPACES } from '../names.js';

/** Where OpenFGA has the model of a hash: `spec` of an AuthorizationModel. */
export interface PublishedModel {
  /** SHA-256 of the model's canonical form. */
  readonly hash: string;
  readonly storeId: string;
  readonly modelId: string;
}

const ID = /^[0-9A-HJKMNP-TV-Z]{26}$/;

/** What to read, to find a published model by its hash. */
export const publishedRef = (hash: string) => ({
  apiVersion: API_VERSION,
  kind: 'AuthorizationModel',
  metadata: { name: hash, namespace: NAMESPACES.policy },
});

/** The object that publishes a model. It is part of no stack: policies of any version may pin it. */
export const publishedObject = (model: PublishedModel): KubeObject => ({
  ...publishedRef(model.hash),
  spec: { hash: model.hash, storeId: model.storeId, modelId: model.modelId },
});

/** What a live AuthorizationModel says. Throws Unreadable. */
export function publishedOf(object: KubeObject): PublishedModel {
  const spec = new Field(object['spec'], `AuthorizationModel ${object.metadata.name}: spec`);
  const hash = spec.get('hash').text(/^[0-9a-f]{64}$/, 'a SHA-256 in lower-case hex');
  if (hash !== object.metadata.name) spec.get('hash').refuse('is not the object’s name.');
  const id = (name: string): string => spec.get(name).text(ID, 'an id of OpenFGA');
  return { hash, storeId: id('storeId'), modelId: id('modelId') };
}
