import { renderPlatform } from '../../../src/charts/render.js';
import type { KubeObject } from '../../../src/model/kube-object.js';
import type { OpenFga, Platform } from '../../../src/model/platform.js';
import { PLATFORM } from '../../model/examples.js';

/** OpenFGA with these settings and everything else, as the platform's stack renders them. */
export const renderOpenFga = (
  changes: Partial<OpenFga> = {},
  platform: Partial<Platform> = {},
): readonly KubeObject[] => renderPlatform({ ...PLATFORM, ...platform, openfga: { ...PLATFORM.openfga, ...changes } });

export const MEMORY = { datastore: { type: 'memory' }, replicas: 1 } as const;

export const isOpenFga = ({ metadata }: KubeObject): boolean => metadata.name.startsWith('openfga');

export const serverOf = (objects: readonly KubeObject[]): KubeObject =>
  objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'openfga')!;

export const migrationsOf = (objects: readonly KubeObject[]): readonly KubeObject[] =>
  objects.filter(({ kind }) => kind === 'Job');
