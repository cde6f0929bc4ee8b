import { expect, it } from 'vitest';
import { AUTHORIZATION, type CheckRequest, type CheckResponse } from '../../src/authorizer/ext-authz.js';
import { factsOf } from '../../src/authorizer/request.js';
import { question } from './envoy.js';
import { AGENT, BEARER, PERSON, proposing } from './fixture.js';

const { Check } = AUTHORIZATION as unknown as {
  Check: {
    path: string;
    requestSerialize: (request: CheckRequest) => Buffer;
    requestDeserialize: (bytes: Buffer) => CheckRequest;
    responseSerialize: (response: CheckResponse) => Buffer;
  };
};

/** A field of protobuf's wire format whose value has a length. */
const field = (id: number, ...parts: readonly (Buffer | string)[]): Buffer => {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([varint((id << 3) | 2), varint(body.length), body]);
};
const number = (id: number, value: number): Buffer => Buffer.concat([varint(id << 3), varint(value)]);
function varint(value: number): Buffer {
  return value < 128
    ? Buffer.from([value])
    : Buffer.concat([Buffer.from([(value & 127) | 128]), varint(Math.floor(value / 128))]);
}
const text = (key: string, value: string) => field(1, field(1, key), field(2, field(3, value)));

it('is asked where Envoy asks', () => {
  expect(Check.path).toBe('/envoy.service.auth.v3.Authorization/Check');
});

it('reads what Envoy writes, by the numbers of its published API, and skips what it does not know', () => {
  const claims = Buffer.concat([
    text('sub', 'sales-bot'),
    field(1, field(1, 'exp'), field(2, Buffer.from([0x11, 0, 0, 0, 0, 0, 0, 0x59, 0x40]))),
    field(1, field(1, 'aud'), field(2, field(6, field(1, field(3, 'portarium'))))),
    field(1, field(1, 'email_verified'), field(2, number(4, 1))),
    field(1, field(1, 'act'), field(2, number(1, 0))),
  ]);
  const metadata = Buffer.concat([
    field(1, field(1, 'header'), field(2, field(5, text('typ', 'at+jwt')))),
    field(1, field(1, 'payload'), field(2, field(5, claims))),
  ]);
  const header = (key: string, value: string) => field(3, field(1, key), field(2, value));
  const bytes = field(
    1,
    field(1, field(1, field(1, number(2, 8443))), field(4, 'spiffe://portarium.io/ns/a/sa/b'), field(5, 'PEM')),
    field(2, field(4, 'spiffe://portarium.io/ns/portarium-control-plane/sa/api-server')),
    field(
      4,
      field(1, number(1, 1_764_000_000)),
      field(
        2,
        ...[field(1, '42'), field(2, 'GET'), header('x-request-id', 'req-1'), header('authorization', 'x')],
        ...[header('content-type', 'application/json'), header('traceparent', '00-ab'), field(12, '{}')],
        ...[field(4, '/v1/workspaces/ws-acme?x=1'), field(5, 'front'), number(9, 0), field(10, 'HTTP/2')],
      ),
    ),
    field(10, field(1, 'listener'), field(2, 'agents')),
    field(11, field(1, field(1, 'envoy.filters.http.jwt_authn'), field(2, metadata))),
    field(12, field(1, 'front')),
  );
  expect(factsOf(Check.requestDeserialize(bytes))).toEqual({
    listener: 'agents',
    principal: 'spiffe://portarium.io/ns/a/sa/b',
    token: {
      header: { typ: 'at+jwt' },
      claims: { sub: 'sales-bot', exp: 100, aud: ['portarium'], email_verified: true, act: null },
    },
    method: 'GET',
    path: '/v1/workspaces/ws-acme?x=1',
    body: Buffer.from('{}'),
    contentType: 'application/json',
    traceparent: '00-ab',
    requestId: 'req-1',
  });
});

it('writes what Envoy reads', () => {
  const headers = [{ header: { key: 'k', value: 'v' }, appendAction: 'OVERWRITE_IF_EXISTS_OR_ADD' }] as const;
  const option = field(2, field(1, field(1, 'k'), field(2, 'v')), number(3, 2));
  const metadata = field(4, text('decision', 'allow'));
  const dynamicMetadata = { fields: { decision: { stringValue: 'allow' } } };
  const ok = { status: { code: 0 }, okResponse: { headers, headersToRemove: ['r'] }, dynamicMetadata };
  const [status] = [field(1, number(1, 0))];
  expect(Check.responseSerialize(ok)).toEqual(Buffer.concat([status, field(3, option, field(5, 'r')), metadata]));
  const denied = {
    status: { code: 7, message: 'm' },
    deniedResponse: { status: { code: 403 }, headers, body: '{}' },
  };
  expect(Check.responseSerialize(denied)).toEqual(
    Buffer.concat([field(1, number(1, 7), field(2, 'm')), field(2, field(1, number(1, 403)), option, field(3, '{}'))]),
  );
});

it.each([AGENT, BEARER, PERSON, proposing({ toolName: 'é' }, { ...AGENT, traceparent: '00-ab' })])(
  'gives back the facts that were asked: %o',
  (facts) => {
    const read = factsOf(Check.requestDeserialize(Check.requestSerialize(question(facts))));
    expect({ ...read, body: Buffer.from(read.body) }).toEqual({ ...facts, body: Buffer.from(facts.body) });
  },
);

it('finds nothing in an empty question, nor half a token', () => {
  const nothing = {
    listener: '',
    principal: '',
    method: '',
    path: '',
    body: new Uint8Array(),
    contentType: '',
    traceparent: '',
    requestId: '',
  };
  expect(factsOf(Check.requestDeserialize(Buffer.alloc(0)))).toEqual(nothing);
  const metadata = field(1, field(1, 'payload'), field(2, field(5, text('sub', 'sales-bot'))));
  const half = field(1, field(11, field(1, field(1, 'envoy.filters.http.jwt_authn'), field(2, metadata))));
  expect(factsOf(Check.requestDeserialize(half))).toEqual(nothing);
  const elsewhere = field(1, field(11, field(1, field(1, 'envoy.lb'), field(2, metadata))));
  expect(factsOf(Check.requestDeserialize(elsewhere))).toEqual(nothing);
});
