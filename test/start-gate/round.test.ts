import { describe, expect, test } from 'vitest';
import { rule, type Attempt, type Outcome } from '../../src/start-gate/round.js';

const API = '10.96.0.1:443';
const DNS = '10.96.0.10:53';
const FRONT = '10.96.80.1:443';
const attempts = (of: Readonly<Record<string, Outcome>>): readonly Attempt[] =>
  Object.entries(of).map(([target, outcome]) => ({ target, outcome }));
const reached = attempts({ [FRONT]: 'answers' });

describe('the start gate', () => {
  test.each<readonly [string, Readonly<Record<string, Outcome>>]>([
    ['both are silent', { [API]: 'is silent', [DNS]: 'is silent' }],
    ['the network says no', { [API]: 'is unreachable', [DNS]: 'is silent' }],
    ['one is silent and one resets', { [API]: 'refuses', [DNS]: 'is silent' }],
    ['two servers reset at once', { [API]: 'refuses', [DNS]: 'refuses' }],
  ])('opens when %s while the front answers', (_, denied) => {
    const { open, because } = rule(attempts(denied), reached);
    expect(open).toBe(true);
    expect(because).toBe(`${API} ${denied[API]}, ${DNS} ${denied[DNS]}, while ${FRONT} answers`);
  });

  test.each<readonly [string, Readonly<Record<string, Outcome>>, readonly Attempt[], string]>([
    [
      'one of them answers',
      { [API]: 'is silent', [DNS]: 'answers' },
      reached,
      `no policy is in force here yet: ${DNS} answers, which must be denied`,
    ],
    [
      'nothing answers',
      { [API]: 'is silent', [DNS]: 'is silent' },
      attempts({ [FRONT]: 'refuses' }),
      `nothing that must be reached answers, so that silence shows nothing: ${FRONT} refuses`,
    ],
    [
      'one alone resets',
      { [API]: 'refuses' },
      reached,
      `${API} refuses: a reset of one server alone may be its own, and shows nothing`,
    ],
    ['one could not be tried', { [API]: 'could not be tried' }, reached, `${API} could not be tried`],
    ['there is nothing to try', {}, reached, 'there is nothing to try that must be denied'],
    [
      'there is no control',
      { [API]: 'is silent' },
      [],
      'nothing that must be reached answers, so that silence shows nothing: none given',
    ],
  ])('stays shut when %s, and says so', (_, denied, control, because) => {
    expect(rule(attempts(denied), control)).toEqual({ open: false, because });
  });
});
