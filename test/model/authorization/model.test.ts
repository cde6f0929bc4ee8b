import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compatModule } from '../../../src/model/authorization/actions.js';
import { AUTHORIZATION_MODEL, MODEL_HASH } from '../../../src/model/authorization/model.js';
import { sha256 } from '../../../src/model/canonical.js';
import {
  MODEL_FOLDER,
  modelFile,
  modelOf,
  readModules,
  readSuites,
  suitesFile,
} from '../../support/authorization-model.js';

const expectFile = (name: string, content: string): void => {
  const path = join(MODEL_FOLDER, name);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(path, content);
  expect(readFileSync(path, 'utf8'), `${name} is out of date; UPDATE_GOLDEN=1 rewrites it`).toBe(content);
};

describe('the model', () => {
  test('has a relation of the workspace for each of upstream’s actions', () => {
    expectFile('portarium-compat.fga', compatModule());
  });

  test('is what its modules say', () => {
    expectFile('model.json', modelFile(modelOf(readModules())));
  });

  test('has the checks that its store tests say', () => {
    expectFile('suites.json', suitesFile(readSuites()));
  });

  test('has the hash of its canonical form, whatever the order of its keys', () => {
    expect(MODEL_HASH).toBe(sha256(modelOf(readModules())));
    expect(MODEL_HASH).toMatch(/^[0-9a-f]{64}$/);
    expect(sha256(Object.fromEntries(Object.entries(AUTHORIZATION_MODEL).reverse()))).toBe(MODEL_HASH);
  });

  test('has another hash with any other meaning', () => {
    const modules = readModules();
    const changed = { ...modules, 'core.fga': modules['core.fga']!.replace('but not suspended', 'or suspended') };
    expect(sha256(modelOf(changed))).not.toBe(MODEL_HASH);
  });
});
