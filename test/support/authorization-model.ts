import { transformer } from '@openfga/syntax-transformer';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Tuple } from '../../src/model/authorization/tuple.js';
import { canonicalJson } from '../../src/model/canonical.js';
import type { Check, Suite } from '../../src/openfga/checks.js';

/** The folder of the model's modules. */
export const MODEL_FOLDER = join(import.meta.dirname, '../../openfga');

/** A model in OpenFGA's JSON, loosely: as much of it as tests look at. */
export interface ModelJson {
  readonly schema_version: string;
  readonly type_definitions: readonly TypeJson[];
  readonly conditions?: Readonly<Record<string, unknown>>;
}

export interface TypeJson {
  readonly type: string;
  readonly relations?: Readonly<Record<string, unknown>>;
  readonly metadata?: unknown;
}

/** The contents of the modules that `fga.mod` lists, by name. */
export function readModules(): Readonly<Record<string, string>> {
  const read = (file: string): string => readFileSync(join(MODEL_FOLDER, file), 'utf8');
  const { contents } = transformer.transformModFileToJSON(read('fga.mod'));
  return Object.fromEntries(contents.value.map(({ value }) => [value, read(value)]));
}

/** The modules as one model. Throws where the DSL is not valid. */
export function modelOf(modules: Readonly<Record<string, string>>): ModelJson {
  const files = Object.entries(modules).map(([name, contents]) => ({ name, contents }));
  return transformer.transformModuleFilesToModel(files, '1.2');
}

/** `openfga/model.json` as it must be: sorted keys, a line a member, so that a change of the model can be read. */
export const modelFile = (model: ModelJson): string => `${JSON.stringify(JSON.parse(canonicalJson(model)), null, 2)}\n`;

interface SuiteFile {
  readonly name: string;
  readonly tuples: readonly Tuple[];
  readonly tests: readonly {
    readonly check?: readonly (Pick<Check, 'user' | 'object' | 'context'> & {
      readonly assertions: Readonly<Record<string, boolean>>;
    })[];
  }[];
}

/** The store tests, in the order of their files' names: a question for each assertion. */
export const readSuites = (): readonly Suite[] =>
  readdirSync(MODEL_FOLDER)
    .filter((file) => file.endsWith('.fga.yaml'))
    .sort()
    .map((file) => parse(readFileSync(join(MODEL_FOLDER, file), 'utf8')) as SuiteFile)
    .map(({ name, tuples, tests }) => ({
      name,
      tuples,
      checks: tests.flatMap(({ check = [] }) =>
        check.flatMap(({ assertions, ...question }) =>
          Object.entries(assertions).map(([relation, expected]) => ({ ...question, relation, expected })),
        ),
      ),
    }));

/** `openfga/suites.json` as it must be: a line a tuple and a check. */
export function suitesFile(suites: readonly Suite[]): string {
  const lines = (items: readonly unknown[]): string => items.map((item) => `\n      ${JSON.stringify(item)}`).join(',');
  const each = suites.map(
    ({ name, tuples, checks }) =>
      `\n  {\n    "name": ${JSON.stringify(name)},\n    "tuples": [${lines(tuples)}\n    ],\n    "checks": [${lines(checks)}\n    ]\n  }`,
  );
  return `[${each.join(',')}\n]\n`;
}
