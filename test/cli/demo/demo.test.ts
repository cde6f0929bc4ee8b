import { expect, it } from 'vitest';
import { engineLine } from '../../../src/cli/demo/demo.js';

it.each([
  ['apply', 'apply', 'engine: enforce apply (chosen)'],
  ['pulumi', 'pulumi', 'engine: pulumi up on a file:// backend of its own (chosen)'],
  ['auto', 'apply', 'engine: enforce apply (pulumi, or its kubernetes plugin, is not on PATH)'],
  [
    'auto',
    'pulumi',
    'engine: pulumi up on a file:// backend of its own (pulumi and its kubernetes plugin are on PATH)',
  ],
] as const)('with --engine %s that becomes %s the demo says so', (wanted, engine, line) => {
  expect(engineLine(wanted, engine)).toBe(line);
});
