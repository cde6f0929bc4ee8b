import { basename } from 'node:path';
import type { Json, JsonObject } from '../../../src/constructs/envoy/typed.js';

/**
 * The files of one Envoy as a single static configuration: `--mode validate` reads no file that another names. What is
 * discovered stands where it will stand, and secrets of files stand in their place; SPIRE's stay with SPIRE.
 */
export function flatten(files: Readonly<Record<string, JsonObject>>): JsonObject {
  const file = (name: string): JsonObject | undefined =>
    Object.entries(files).find(([path]) => basename(path) === name)?.[1];
  const { dynamic_resources: discovery, static_resources: own, ...bootstrap } = file('envoy.json') ?? {};
  const { listeners, clusters } = own as { listeners: readonly JsonObject[]; clusters: readonly JsonObject[] };
  const waiting = (file('waiting-listeners.json')?.['resources'] ?? []) as readonly JsonObject[];
  if ((discovery !== undefined) !== waiting.length > 0) throw new Error('listeners are discovered, or there are none');
  const inPlace = (value: Json): Json => withFiles(withSecrets(value), JSON.stringify(file('waiting-listeners.json')));
  const [certificate] = (file('server-certificate.json')?.['resources'] ?? []) as readonly JsonObject[];
  return {
    ...bootstrap,
    static_resources: {
      clusters,
      listeners: [...listeners, ...waiting.map(({ '@type': _, ...listener }) => listener)].map(
        (listener) => inPlace(listener) as JsonObject,
      ),
      ...(certificate && { secrets: [withoutType(certificate)] }),
    },
  };
}

const withoutType = ({ '@type': _, ...message }: JsonObject): JsonObject => message;

/** The answer of the discovery stands in a file of its own. */
function withFiles(value: Json, waiting: string): Json {
  if (Array.isArray(value)) return value.map((item: Json) => withFiles(item, waiting));
  if (value === null || typeof value !== 'object') return value;
  const object = value as JsonObject;
  if (typeof object['filename'] === 'string' && object['filename'].endsWith('/waiting-listeners.json'))
    return { inline_string: waiting };
  return Object.fromEntries(Object.entries(object).map(([key, member]) => [key, withFiles(member, waiting)]));
}

/** A secret that a file holds is named alone, and so found among the static ones. */
function withSecrets(value: Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => withSecrets(item));
  if (value === null || typeof value !== 'object') return value;
  const object = value as JsonObject;
  const source = object['sds_config'] as JsonObject | undefined;
  if (source?.['path_config_source'] !== undefined) return { name: object['name']! };
  return Object.fromEntries(Object.entries(object).map(([key, member]) => [key, withSecrets(member)]));
}
