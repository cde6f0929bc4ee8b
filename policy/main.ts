import { join } from 'node:path';
import { PolicyPack, type StackValidationPolicy } from '@pulumi/policy';
import { getStack, runtime } from '@pulumi/pulumi';
import { rawStackOf } from '../src/bridge/pulumi-config.js';
import { packageRoot } from '../src/bridge/pulumi-project.js';
import { violationsOf, type Violations } from './violations.js';

/** `pulumi preview --policy-pack policy`: what `enforce prove` says, of the resources that the engine is about to make. */
const policy = (of: keyof Violations, facts: Omit<StackValidationPolicy, 'validateStack'>): StackValidationPolicy => ({
  ...facts,
  configSchema: {
    properties: {
      stacks: { type: 'string', description: 'Folder of the stack files. Default: stacks/ beside the pack.' },
    },
  },
  validateStack: (args, report) => {
    const { stacks = join(packageRoot(), 'stacks') } = args.getConfig<{ stacks?: string }>();
    const stack = getStack();
    const found = violationsOf(stack, args.resources, { dir: stacks, replace: rawStackOf(stack, runtime.allConfig()) });
    for (const { message, urn } of found[of]) report(message, urn);
  },
});

new PolicyPack('portarium', {
  policies: [
    policy('holes', {
      name: 'no-way-around',
      description: 'Agents have no way around the control plane.',
      enforcementLevel: 'mandatory',
    }),
    policy('unsettled', {
      name: 'settled',
      description: 'Every claim that the level makes is settled by the stacks alone.',
      enforcementLevel: 'advisory',
    }),
  ],
});
