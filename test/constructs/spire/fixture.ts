import { renderPlatform } from '../../../src/charts/render.js';
import type { KubeObject } from '../../../src/model/kube-object.js';
import type { Platform } from '../../../src/model/platform.js';
import type { Spire } from '../../../src/model/spire.js';
import { PLATFORM } from '../../model/examples.js';

/** Server, agents and everything else of SPIRE with these settings, as the platform's stack renders them. */
export const renderSpire = (changes: Partial<Spire> = {}, platform: Partial<Platform> = {}): readonly KubeObject[] =>
  renderPlatform({ ...PLATFORM, ...platform, spire: { ...PLATFORM.spire, ...changes } });

export const POSTGRES = {
  type: 'postgres',
  host: 'db.databases.svc.cluster.local',
  port: 5432,
  database: 'spire',
  user: 'spire',
  passwordSecret: 'db-password',
  caSecret: 'db-ca',
} as const;

export function find(objects: readonly KubeObject[], kind: string, name: string): KubeObject {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  if (found === undefined) throw new Error(`no ${kind} ${name}`);
  return found;
}

// Objects of every kind, and configuration of another project's making, are looked into here.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Json = any;

export const specOf = (object: KubeObject): Json => object['spec'];

export const configOf = (objects: readonly KubeObject[], name: string): Json =>
  JSON.parse(Object.values(find(objects, 'ConfigMap', name)['data'] as Record<string, string>)[0]!);
