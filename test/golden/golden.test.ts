import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { renderPlatform, renderWorkspace } from '../../src/charts/render.js';
import { loadStacks } from '../../src/config/load.js';
import { keyOf, type KubeObject } from '../../src/model/kube-object.js';
import { LEVELS } from '../../src/model/levels.js';
import type { Workspace } from '../../src/model/workspace.js';

/**
 * The committed stacks as objects, level by level, for a reviewer to read. A change of any object shows here first;
 * `npm run golden` writes the files anew.
 */
const FOLDER = import.meta.dirname;
const { platform, workspaces } = loadStacks({ dir: 'stacks' });
const acme = workspaces.find(({ id }) => id === 'ws-acme')!;
const cilium = { ...platform, network: { cilium: true, clusterNetworkPolicy: true } };
const rollback: Workspace = {
  ...acme,
  level: 'enforced',
  relaxing: { controls: ['egress'], relaxation: 'inc-4711', as: 'rollback 1' },
};

/** An Envoy's files are long, and the same at every level: they have a golden file of their own. */
const isEnvoys = ({ kind, metadata }: KubeObject): boolean => kind === 'ConfigMap' && metadata.name.endsWith('-envoy');

const isCilium = ({ apiVersion }: KubeObject): boolean => apiVersion === 'cilium.io/v2';

/** The platform's objects by what they are for, as `Kind name`; whatever is in no other file is in the last. */
const PLATFORM_FILES = {
  'network.yaml': /^\w*NetworkPolicy /,
  'admission.yaml': /^ValidatingAdmissionPolicy/,
  'definitions.yaml': /^CustomResourceDefinition /,
  'spire.yaml': /^(Cluster(SPIFFEID|StaticEntry)|CSIDriver|StatefulSet|DaemonSet|ValidatingWebhook\w+) |(spire|spiffe)-/,
  'openfga.yaml': /^\w+ openfga/,
  'monitoring.yaml': /^(PrometheusRule|AlertmanagerConfig|ConfigMap) portarium-?/,
  'rest.yaml': /^/,
} as const;
const platformFiles = Object.entries(PLATFORM_FILES).map(([file, belongs], index, all) => {
  const earlier = all.slice(0, index).map(([, other]) => other);
  const isIn = ({ kind, metadata }: KubeObject): boolean => {
    const title = `${kind} ${metadata.name}`;
    return belongs.test(title) && !earlier.some((other) => other.test(title));
  };
  return [`platform/${file}`, () => renderPlatform(platform).filter(isIn)] as const;
});
const GOLDEN: readonly (readonly [file: string, objects: () => readonly KubeObject[]])[] = [
  ...platformFiles,
  ['platform-with-cilium/network.yaml', () => renderPlatform(cilium).filter(isCilium)],
  ...LEVELS.map(
    (level) =>
      [`ws-acme/${level}.yaml`, () => renderWorkspace(platform, { ...acme, level }).filter((each) => !isEnvoys(each))] as const,
  ),
  ['ws-acme/enforced-rollback-1.yaml', () => renderWorkspace(platform, rollback).filter((each) => !isEnvoys(each))],
  ['ws-acme/envoy.yaml', () => renderWorkspace(platform, acme).filter(isEnvoys)],
  ['ws-acme-with-cilium/routing.yaml', () => renderWorkspace(cilium, acme).filter(isCilium)],
  [
    'ws-acme-with-cilium/enforced.yaml',
    () => renderWorkspace(cilium, { ...acme, level: 'enforced' }).filter(isCilium),
  ],
];

/** Sorted by kind, namespace and name, so that a moved construct changes nothing. */
function textOf(objects: readonly KubeObject[]): string {
  return [...objects]
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
    .map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false }))
    .join('---\n');
}

describe('the objects of the committed stacks are, byte for byte,', () => {
  it.each(GOLDEN)('those of test/golden/%s', (file, objects) => {
    const path = join(FOLDER, file);
    const text = textOf(objects());
    if (process.env['UPDATE_GOLDEN'] !== undefined) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
    expect(existsSync(path) ? readFileSync(path, 'utf8') : 'no file; run `npm run golden`').toBe(text);
  });

  it('and there is no file that nothing is compared with', () => {
    const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));
    expect(files.sort()).toEqual(GOLDEN.map(([file]) => file).sort());
  });
});
