/* eslint-disable @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return -- objects of every kind are looked into */
import { describe, expect, it } from 'vitest';
import { find, specOf, type Json } from '../spire/fixture.js';
import { MEMORY, migrationsOf, renderOpenFga, serverOf } from './fixture.js';

const image = (tag: string) => ({ image: `docker.io/openfga/openfga:${tag}` });
const jobs = (...args: Parameters<typeof renderOpenFga>) => migrationsOf(renderOpenFga(...args));
const names = (...args: Parameters<typeof renderOpenFga>) => jobs(...args).map(({ metadata }) => metadata.name);

describe('the migration of OpenFGA’s database', () => {
  it('is one Job for each version, with the version in its name', () => {
    expect(names()).toEqual([expect.stringMatching(/^openfga-migration-1-22-1-[0-9a-f]{8}$/)]);
    expect(names(image('v1.23.0'))).toEqual([expect.stringMatching(/^openfga-migration-1-23-0-[0-9a-f]{8}$/)]);
    // As a label of its pods the name must not be longer.
    expect(names()[0]!.length).toBeLessThanOrEqual(63);
  });

  it('is another Job where it runs something else, since a Job cannot be changed, and the same where it does not', () => {
    const digest = { image: `${image('v1.22.1').image}@sha256:${'a'.repeat(64)}` };
    const elsewhere = { datastore: { type: 'postgres', host: 'other.example.com', port: 5432 } } as const;
    expect(new Set([names(), names(digest), names(elsewhere)].flat()).size).toBe(3);
    expect(names({ replicas: 5, keysSecret: 'other' })).toEqual(names());
  });

  it('runs the server’s own image, one pod at a time, and stays as the record', () => {
    const objects = renderOpenFga();
    const { template, ...spec } = specOf(migrationsOf(objects)[0]!);
    expect(spec).toEqual({ parallelism: 1, completions: 1, backoffLimit: 6, podReplacementPolicy: 'Failed' });
    const [container] = template.spec.containers;
    expect(container.args).toEqual(['migrate']);
    expect(container.image).toBe(specOf(serverOf(objects)).template.spec.containers[0].image);
    expect(template.spec.restartPolicy).toBe('Never');
  });

  it('has a role of the database and an account that the server has not, and no token', () => {
    const objects = renderOpenFga();
    const { spec } = specOf(migrationsOf(objects)[0]!).template as { spec: Json };
    const secrets = spec.containers[0].env.flatMap(({ valueFrom }: Json) => valueFrom?.secretKeyRef.name ?? []);
    expect(new Set(secrets)).toEqual(new Set(['openfga-datastore-migration']));
    expect(spec.volumes.map(({ secret }: Json) => secret.secretName)).toEqual(['openfga-datastore-migration']);
    expect(spec.serviceAccountName).toBe('openfga-migration');
    expect(spec.automountServiceAccountToken).toBe(false);
    expect(find(objects, 'ServiceAccount', 'openfga-migration')['automountServiceAccountToken']).toBe(false);
  });

  it('is not there where there is no schema', () => {
    const objects = renderOpenFga(MEMORY);
    expect(migrationsOf(objects)).toEqual([]);
    expect(objects.filter(({ metadata }) => metadata.name.startsWith('openfga-migration'))).toEqual([]);
  });
});
