import type { Cluster } from '../../bridge/cluster.js';
import type { KubeObject } from '../../model/kube-object.js';

/** The user in whose name forbidden requests are sent; no role is bound to it, and none must be. */
export const VERIFIER = 'portarium:verify';

/** Name of what is tried; nothing of that name is ever stored. */
export const CANDIDATE = 'portarium-verify-candidate';

/** In whose name a request is sent. */
export interface Sender {
  /** @default portarium:verify */
  readonly user?: string;
  /** Groups of the principals whom other policies let through, so that one alone is left to refuse. @default - none */
  readonly groups?: readonly string[];
}

/**
 * Something that one admission policy must refuse, and no other does; sent as a dry run where there is one, and else at an
 * object that does not exist, so that nothing comes of it even where it is let in.
 */
export interface ForbiddenRequest {
  /** As a noun phrase. */
  readonly what: string;
  /** The policy that must refuse it. */
  readonly by: string;
  /** Whether it is forbidden to everyone who sends it so; else some principals may do it, and the caller may be one. */
  readonly toEveryone: boolean;
  readonly as?: Sender;
  /** Status of the answer that says that admission has let it in. @default - none but success */
  readonly letIn?: number;
  /** Throws Unsendable where what it takes is not there. */
  readonly send: (cluster: Cluster) => Promise<unknown>;
}

/** A request cannot be made here. The message is a clause: `there is no …`. */
export class Unsendable extends Error {
  override readonly name = 'Unsendable';
}

export const guard = (name: string): string => `portarium-guard-${name}`;

type Send = ForbiddenRequest['send'];
type Ref = Pick<KubeObject, 'apiVersion' | 'kind'> & {
  readonly metadata: { readonly name: string; readonly namespace?: string };
};

export const refOf = (apiVersion: string, kind: string, name: string, namespace?: string): Ref => ({
  apiVersion,
  kind,
  metadata: { name, ...(namespace !== undefined && { namespace }) },
});

export const create =
  (object: KubeObject): Send =>
  (cluster) =>
    cluster.create(object, { dryRun: true });

export const patch =
  (ref: Ref, body: object): Send =>
  (cluster) =>
    cluster.mergePatch(ref, body, { dryRun: true });

export const remove =
  ({ apiVersion, kind, metadata }: Ref): Send =>
  async (cluster) => {
    const there = await cluster.delete({ apiVersion, kind, metadata }, { dryRun: true });
    if (!there) throw new Unsendable(`there is no ${kind} ${metadata.name}`);
  };

/** A token of a service account, which a dry run does not give out. */
export const askToken =
  (namespace: string, name: string): Send =>
  (cluster) =>
    cluster.subresource('POST', refOf('v1', 'ServiceAccount', name, namespace), 'token', {
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { audiences: ['verify'] } },
      query: { dryRun: 'All' },
    });

/** What nobody may do, refused by one guard. */
export const nobody = (name: string, what: string, send: Send, more: Partial<ForbiddenRequest> = {}) =>
  ({ what, by: guard(name), toEveryone: true, send, ...more }) satisfies ForbiddenRequest;

/** What only named principals may do. */
export const others = (by: string, what: string, send: Send, more: Partial<ForbiddenRequest> = {}) =>
  ({ what, by, toEveryone: false, send, ...more }) satisfies ForbiddenRequest;
