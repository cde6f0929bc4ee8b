import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ApiClient } from '../api.js';
import { LabError } from '../errors.js';
import type { EnvSpec, PodObject, SourceSpec, VolumeSpec } from './pod-objects.js';

type Files = Readonly<Record<string, string>>;

/** What the kubelet reads for a pod, from the same API server. */
export class PodFiles {
  private readonly api: ApiClient;
  private readonly pod: PodObject;

  constructor(api: ApiClient, pod: PodObject) {
    this.api = api;
    this.pod = pod;
  }

  /** Makes a folder for each of its volumes. Rejects with a `LabError` for one whose object is not there, or of a kind that it does not know. */
  async mount(folder: string): Promise<void> {
    for (const volume of this.pod.spec.volumes ?? []) {
      const place = join(folder, volume.name);
      mkdirSync(place, { recursive: true, mode: 0o755 });
      for (const [name, content] of Object.entries(await this.#filesOf(volume))) {
        mkdirSync(dirname(join(place, name)), { recursive: true });
        writeFileSync(join(place, name), content, { mode: 0o600 });
      }
    }
  }

  async env(variables: readonly EnvSpec[]): Promise<Files> {
    const all = variables.map(async ({ name, value = '', valueFrom }) => {
      const { secretKeyRef, configMapKeyRef, fieldRef } = valueFrom ?? {};
      if (fieldRef) return [name, this.#field(fieldRef.fieldPath)] as const;
      if (secretKeyRef) return [name, (await this.#secret(secretKeyRef.name))?.[secretKeyRef.key] ?? ''] as const;
      if (configMapKeyRef)
        return [name, (await this.#configMap(configMapKeyRef.name))[configMapKeyRef.key] ?? ''] as const;
      return [name, value] as const;
    });
    return Object.fromEntries(await Promise.all(all));
  }

  async #filesOf({ name, configMap, secret, emptyDir, csi, projected }: VolumeSpec): Promise<Files> {
    if (configMap) return chosen(await this.#configMap(configMap.name), configMap.items);
    if (secret) {
      const found = await this.#secret(secret.secretName);
      if (found === undefined && secret.optional !== true)
        throw new LabError(`there is no Secret ${secret.secretName}`);
      return chosen(found ?? {}, secret.items);
    }
    if (projected) {
      const parts = await Promise.all((projected.sources ?? []).map((source) => this.#projected(source)));
      return Object.assign({}, ...parts) as Files;
    }
    // A driver fills its folder itself.
    if (emptyDir || csi) return {};
    throw new LabError(`the volume ${name} is of a kind that the lab does not mount`);
  }

  async #projected({ serviceAccountToken: token, configMap, downwardAPI }: SourceSpec): Promise<Files> {
    if (token) return { [token.path]: await this.#token(token.audience) };
    if (configMap) return chosen(await this.#configMap(configMap.name), configMap.items);
    return Object.fromEntries(
      (downwardAPI?.items ?? []).map(({ path, fieldRef }) => [path, this.#field(fieldRef?.fieldPath ?? '')]),
    );
  }

  /** Bound to the pod, as the kubelet asks for it. */
  async #token(audience: string | undefined): Promise<string> {
    const { name, namespace, uid } = this.pod.metadata;
    const account = this.pod.spec.serviceAccountName ?? 'default';
    const spec = {
      expirationSeconds: 3600,
      ...(audience !== undefined && { audiences: [audience] }),
      boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name, uid },
    };
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
    const { status, body } = await this.api.post(path, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec,
    });
    if (status !== 201) throw new LabError(`${path}: ${JSON.stringify(body)}`);
    return (body as { status: { token: string } }).status.token;
  }

  #field(path: string): string {
    const { name, namespace, uid } = this.pod.metadata;
    const known: Files = { 'metadata.name': name, 'metadata.namespace': namespace, 'metadata.uid': uid };
    const value = known[path];
    if (value === undefined) throw new LabError(`the lab does not know a pod’s ${path}`);
    return value;
  }

  async #configMap(name: string): Promise<Files> {
    const found = await this.#data('configmaps', name);
    if (found === undefined) throw new LabError(`there is no ConfigMap ${name}`);
    return found;
  }

  async #secret(name: string): Promise<Files | undefined> {
    const found = await this.#data('secrets', name);
    return (
      found &&
      Object.fromEntries(Object.entries(found).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]))
    );
  }

  async #data(resource: string, name: string): Promise<Files | undefined> {
    const path = `/api/v1/namespaces/${this.pod.metadata.namespace}/${resource}/${name}`;
    const { status, body } = await this.api.get(path);
    if (status === 404) return undefined;
    if (status !== 200) throw new LabError(`${path}: ${JSON.stringify(body)}`);
    return (body as { data?: Files }).data ?? {};
  }
}

const chosen = (files: Files, items: readonly { readonly key: string; readonly path: string }[] | undefined): Files =>
  items === undefined ? files : Object.fromEntries(items.map(({ key, path }) => [path, files[key] ?? '']));
