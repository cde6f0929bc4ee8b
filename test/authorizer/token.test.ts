import { describe, expect, it } from 'vitest';
import { LISTENERS } from '../../src/authorizer/facts.js';
import { readToken } from '../../src/authorizer/token.js';
import { NOW } from '../model/examples.js';
import { CONFIG, token } from './fixture.js';

const read = (
  claims: Readonly<Record<string, unknown>> = {},
  header: Readonly<Record<string, unknown>> = {},
  listener: (typeof LISTENERS)[number] = 'agents',
) => readToken(token(claims, header), listener, CONFIG.tokens, NOW);
const seconds = NOW.getTime() / 1000;

describe('a token', () => {
  it('names its subject and workspace', () => {
    expect(read()).toEqual({ name: 'sales-bot', workspaceId: 'ws-acme' });
    expect(read({ workspaceId: undefined })).toEqual({ name: 'sales-bot' });
  });

  it('may have its audience as text or in a list, among others', () => {
    for (const aud of ['portarium', ['portarium'], ['else', 'portarium']]) expect(read({ aud })).toHaveProperty('name');
  });

  it('has a media type, of which case and "application/" do not matter', () => {
    for (const typ of ['at+jwt', 'at+JWT', 'application/at+jwt']) expect(read({}, { typ })).toHaveProperty('name');
  });

  it('may be a minute beyond its times, as for Envoy', () => {
    expect(read({ exp: seconds - 59 })).toHaveProperty('name');
    expect(read({ nbf: seconds + 60 })).toHaveProperty('name');
  });

  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['another issuer', { iss: 'https://id.example.com/realms/portarium/' }, 'The token is of another issuer.'],
    ['no issuer', { iss: undefined }, 'The token is of another issuer.'],
    ['no expiry', { exp: undefined }, 'The token has no expiry.'],
    ['an expiry that is text', { exp: '9999999999' }, 'The token has no expiry.'],
    ['an expiry that is no number', { exp: Number.NaN }, 'The token has expired.'],
    ['an expiry more than a minute ago', { exp: seconds - 60 }, 'The token has expired.'],
    ['a begin more than a minute ahead', { nbf: seconds + 61 }, 'The token is not valid yet.'],
    ['a begin that is text', { nbf: 'now' }, 'The token is not valid yet.'],
    ['no subject', { sub: undefined }, 'The token has no subject.'],
    ['an empty subject', { sub: '' }, 'The token has no subject.'],
    ['a subject in a list', { sub: ['sales-bot'] }, 'The token has no subject.'],
    ['a workspace in a list', { workspaceId: ['ws-acme'] }, 'The token’s claim "workspaceId" is no workspace.'],
    ['an empty workspace', { workspaceId: '' }, 'The token’s claim "workspaceId" is no workspace.'],
  ])('is refused with %s', (_what, claims, detail) => {
    expect(read(claims)).toEqual({ reason: 'InvalidToken', detail });
  });

  it.each<[unknown, string]>([
    ['JWT', 'The token’s type is "JWT", not "at+jwt".'],
    [undefined, 'The token’s type is missing, not "at+jwt".'],
    [['at+jwt'], 'The token’s type is ["at+jwt"], not "at+jwt".'],
  ])('is refused with the type %j', (typ, detail) => {
    expect(read({}, { typ })).toEqual({ reason: 'InvalidToken', detail });
  });

  it.each(LISTENERS.filter((listener) => listener !== 'people'))('of people is refused on %s', (listener) => {
    for (const aud of ['portarium-people', ['portarium', 'portarium-people']]) {
      expect(read({ aud }, {}, listener)).toMatchObject({ reason: 'InvalidToken' });
    }
    expect(read({ aud: undefined }, {}, listener)).toMatchObject({
      detail: 'The token is not of the audience of agents and workloads.',
    });
    expect(read({ aud: ['portarium', 'portarium-people'] }, {}, listener)).toMatchObject({
      detail: 'The token is of the audience of people.',
    });
  });

  it('of agents is refused among people', () => {
    expect(read({}, {}, 'people')).toEqual({
      reason: 'InvalidToken',
      detail: 'The token is not of the audience of people.',
    });
    expect(read({ aud: 'portarium-people' }, {}, 'people')).toHaveProperty('name');
  });
});
