import { describe, expect, it } from 'vitest';
import { shows } from '../../../src/cli/demo/effects.js';

const OPENING = ['agent-dns-open', 'agents-open'];
const found = (relaxation: string | undefined, ...names: readonly string[]) =>
  names.map((name) => ({
    metadata: {
      name,
      uid: name,
      resourceVersion: '1',
      ...(relaxation !== undefined && { labels: { 'portarium.io/relaxation': relaxation } }),
    },
  }));

describe('a control is seen to be', () => {
  it('closed when nothing opens it', () => {
    expect(shows({ effect: 'closed' }, OPENING, [])).toBe(true);
    expect(shows({ effect: 'closed' }, OPENING, found(undefined, 'agents-open'))).toBe(false);
  });

  it('open when everything opens it that does', () => {
    expect(shows({ effect: 'open' }, OPENING, found(undefined, ...OPENING))).toBe(true);
    expect(shows({ effect: 'open' }, OPENING, found(undefined, 'agents-open'))).toBe(false);
  });

  it('open by a Relaxation when that one is named, not an earlier one', () => {
    const names = OPENING.map((name) => `${name}-second`);
    expect(shows({ effect: 'open', relaxation: 'second' }, OPENING, found('second', ...names))).toBe(true);
    expect(shows({ effect: 'open', relaxation: 'second' }, OPENING, found('first', ...names))).toBe(false);
  });
});
