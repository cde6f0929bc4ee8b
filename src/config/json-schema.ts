import { z } from 'zod';
import { platformSchema, workspaceSchema } from './schema.js';
import { PROJECT } from './stack-file.js';

/** Files of `schema/`, each for one kind of stack. */
export const SCHEMA_FILES = { platform: 'platform.schema.json', workspace: 'workspace.schema.json' } as const;

/**
 * The JSON Schema (draft 2020-12) of a stack file as an editor sees it: Pulumi's own keys at the top, and under `config`
 * the project's, each with its namespace. It knows forms and lists of words; what needs arithmetic or a second file,
 * such as a cluster IP that is taken, only the loader knows.
 * Source: Pulumi, "Stack settings file reference".
 */
export function stackFileSchema(kind: keyof typeof SCHEMA_FILES): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(kind === 'platform' ? platformSchema : workspaceSchema, { io: 'input' });
  const prefixed = Object.entries(schema.properties ?? {}).map(([key, value]) => [`${PROJECT}:${key}`, value] as const);
  return {
    $schema: schema.$schema,
    title: `Stack of a ${kind} (Pulumi.<stack>.yaml)`,
    type: 'object',
    properties: {
      secretsprovider: { type: 'string' },
      encryptedkey: { type: 'string' },
      encryptionsalt: { type: 'string' },
      environment: {},
      packages: {},
      config: {
        type: 'object',
        properties: Object.fromEntries(prefixed),
        patternProperties: { '^pulumi:': {} },
        required: (schema.required ?? []).map((key) => `${PROJECT}:${key}`),
        additionalProperties: false,
      },
    },
    required: ['config'],
    additionalProperties: false,
  };
}

/** The text of the file: what is committed must be this, byte for byte. */
export const schemaText = (kind: keyof typeof SCHEMA_FILES): string =>
  `${JSON.stringify(stackFileSchema(kind), undefined, 2)}\n`;
