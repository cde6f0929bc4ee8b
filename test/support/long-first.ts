import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files of a minute and more, the longest first: begun last, one of them would run on alone. */
const LONG = [
  'data-plane/samples',
  'front/front',
  'demo/demo',
  'demo/mutants',
  'authorizer/authorizer',
  'data-plane/cold-start',
  'prove/mutants-network',
  'verify/live',
  'apply/stacks',
];

/** Otherwise as vitest has it: the largest files first. */
export default class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const found = LONG.findIndex((name) => moduleId.endsWith(`/integration/${name}.test.ts`));
      return found < 0 ? LONG.length : found;
    };
    return (await super.sort(files)).toSorted((one, other) => place(one) - place(other));
  }
}
