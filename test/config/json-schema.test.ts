import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { SCHEMA_FILES, schemaText, stackFileSchema } from '../../src/config/json-schema.js';
import { committed } from './stacks.js';

const KINDS = ['platform', 'workspace'] as const;
const committedSchema = (kind: (typeof KINDS)[number]): string => readFileSync(`schema/${SCHEMA_FILES[kind]}`, 'utf8');

describe('the committed JSON Schema', () => {
  it.each(KINDS)('of a %s stack is what is generated; else run `npm run build && npm run schema`', (kind) => {
    expect(committedSchema(kind)).toBe(schemaText(kind));
  });

  it.each(KINDS)('of a %s stack is closed: every object refuses unknown keys or says what their values are', (kind) => {
    for (const object of objectsIn(stackFileSchema(kind))) expect(object).toHaveProperty('additionalProperties');
  });

  it.each([
    ['platform', 'platform'],
    ['workspace', 'ws-acme'],
    ['workspace', 'ws-globex'],
  ] as const)('of a %s stack accepts stacks/Pulumi.%s.yaml, which names it', (kind, stack) => {
    expect(accepts(kind, committed(stack))).toBe(true);
    expect(committed(stack).split('\n')[0]).toBe(`# yaml-language-server: $schema=../schema/${SCHEMA_FILES[kind]}`);
  });

  it('accepts the keys that Pulumi writes itself', () => {
    const text = `encryptionsalt: v1:abc\nsecretsprovider: passphrase\nenvironment: [prod]\n${committed('ws-acme')}`;
    expect(accepts('workspace', `${text}\n  pulumi:tags: { team: crm }\n`)).toBe(true);
  });

  it.each([
    ['an unknown key', 'risk: medium', 'risk: medium\n      replica: 2'],
    ['an unknown config key', 'portarium:agents:', 'portarium:agent:'],
    ['a key of no namespace', 'portarium:agents:', 'agents:'],
    ['a level that does not exist', 'level: routing', 'level: enforce'],
    ['a tier that is misspelt', 'HumanApprove', 'HumanAprove'],
    ['a wildcard host', 'host: api.hubspot.com', 'host: "*.hubspot.com"'],
    ['port 53', '[443, 8443]', '[53]'],
    ['a port that is none', '[443, 8443]', '[0]'],
    ['a name that is no label', 'name: sales-bot', 'name: Sales_Bot'],
    ['an image without a tag', 'sales-bot:1.4.2', 'sales-bot'],
    ['no approver', '[bob, carol]', '[]'],
    ['a platform’s kind', 'kind: workspace', 'kind: platform'],
  ])('refuses %s, so that an editor shows it', (_what, from, to) => {
    const text = committed('ws-acme');
    expect(text).toContain(from);
    expect(accepts('workspace', text.replace(from, to))).toBe(false);
  });

  it('refuses a selector of everything', () => {
    const text = committed('platform').replace('{ app.kubernetes.io/name: vault }', '{}');
    expect(accepts('platform', text)).toBe(false);
  });
});

function accepts(kind: (typeof KINDS)[number], text: string): boolean {
  const schema = z.fromJSONSchema(JSON.parse(committedSchema(kind)) as z.core.JSONSchema.JSONSchema);
  return schema.safeParse(parse(text)).success;
}

function objectsIn(schema: unknown): object[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const inner = Object.values(schema).flatMap(objectsIn);
  return 'type' in schema && schema.type === 'object' ? [schema, ...inner] : inner;
}
