import { expect, it } from 'vitest';
import { Field } from '../../src/model/field.js';

const root = new Field({ a: { b: [1, 'x'] }, long: 'y'.repeat(200), time: '2026-10-01T12:00:00Z' });

it('names the path of what it refuses', () => {
  expect(() => root.get('a').get('b').list()[1]!.whole(0, 9)).toThrow('a.b[1] is "x", not a whole number from 0 to 9.');
  expect(() => root.get('a').get('c').text()).toThrow('a.c is missing: text that is not empty.');
  expect(() => root.only(['a'])).toThrow('long is unknown. Allowed: a.');
  expect(() => new Field([]).get('x')).toThrow('is [], not an object.');
});

it('cuts what is long', () => {
  expect(() => root.get('long').number(0, 1)).toThrow(`long is "${'y'.repeat(76)}..., not a number from 0 to 1.`);
});

it('takes nothing from prototypes', () => {
  expect(root.get('toString').present).toBe(false);
  expect(root.get('__proto__').present).toBe(false);
});

it('reads times in UTC only', () => {
  expect(root.get('time').time()).toEqual(new Date('2026-10-01T12:00:00Z'));
  expect(() => new Field('2026-10-01T12:00:00+02:00', 't').time()).toThrow('not a time in UTC');
  expect(() => new Field('2026-10-01', 't').time()).toThrow('not a time in UTC');
});
