import type { Platform } from '../../src/model/platform.js';

/** The authority of the committed stacks: nobody here has its key. */
const AUTHORITY = `-----BEGIN CERTIFICATE-----
MIIBxTCCAWugAwIBAgIUFb0vZLZxmImA+G2B8NEBZeIkd1wwCgYIKoZIzj0EAwIw
MDEQMA4GA1UECgwHRXhhbXBsZTEcMBoGA1UEAwwTRXhhbXBsZSBwbGF0Zm9ybSBD
QTAeFw0yNjExMjUwMjE4NDJaFw0zNjExMjIwMjE4NDJaMDAxEDAOBgNVBAoMB0V4
YW1wbGUxHDAaBgNVBAMME0V4YW1wbGUgcGxhdGZvcm0gQ0EwWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAARa9uR3+yFlsAxJ3J00xv6Ksudvcqt+rCzQt8Ec9jcZ5eHH
KbY8xc1CDBxfeyWn7UufjKiVGBk0NKQYn4Eo0tqho2MwYTAdBgNVHQ4EFgQU8W8M
xB7YDre59m7AVixVGjC0QtEwHwYDVR0jBBgwFoAU8W8MxB7YDre59m7AVixVGjC0
QtEwDwYDVR0TAQH/BAUwAwEB/zAOBgNVHQ8BAf8EBAMCAQYwCgYIKoZIzj0EAwID
SAAwRQIhAO5AsV85ak/1rUZK+ztB5TKvPM3GUg/D2BIlxtF0VflVAiB0+AJ0SL9J
MKHJEUgmKh+wKmQSLGBhD/+wcBHr3x+PUw==
-----END CERTIFICATE-----
`;

/** What a platform says of its front, for fixtures to which it does not matter. */
export const FRONT: Pick<Platform, 'front' | 'tokens' | 'sidecar'> = {
  front: {
    clusterIP: '10.96.80.1',
    bearerClusterIP: '10.96.80.2',
    peopleClusterIP: '10.96.80.3',
    certificateSecret: 'api-server-tls',
    certificateAuthority: AUTHORITY,
    recordTokensSecret: 'authorizer-record-tokens',
    grpcMethods: [],
    requestsPerSecond: 50,
  },
  tokens: {
    issuer: 'https://id.example.com/realms/portarium',
    jwksUri: 'https://id.example.com/realms/portarium/protocol/openid-connect/certs',
    audience: 'portarium',
    peopleAudience: 'portarium-people',
    type: 'at+jwt',
    workspaceClaim: 'workspaceId',
  },
  sidecar: {
    envoyImage: 'docker.io/envoyproxy/envoy:distroless-v1.40.0',
    authorizerImage: 'registry.example.com/portarium/authorizer:0.1.0',
  },
};
