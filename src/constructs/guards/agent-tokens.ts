import { Construct } from 'constructs';
import { callerIn, literal } from './cel.js';
import { Guard, type GuardFamilyProps } from './guard.js';
import { agentNamespaces } from './scope.js';

/** How the API server's own audience begins; it is its issuer unless `--api-audiences` says otherwise. */
const API_AUDIENCES = ['https://kubernetes.default', 'kubernetes.default', 'https://container.googleapis.com/'];

const sources = 'object.spec.?volumes.orValue([]).all(volume, volume.?projected.?sources.orValue([]).all(source, ';

/**
 * Agents hold no credential for the Kubernetes API: none mounted, none projected under its audience, no client
 * certificate, no token Secret, and nobody but a node, for a pod that runs there, asks for a token of their service
 * accounts. A projected token for another audience is fine.
 *
 * Makes `portarium-guard-agent-tokens`, `portarium-guard-token-requests` and `portarium-guard-token-secrets`.
 * Closes B13 and B16.
 */
export class AgentTokens extends Construct {
  constructor(scope: Construct, id: string, { platform }: GuardFamilyProps) {
    super(scope, id);
    const mode = platform.guards;
    const bindings = [{ namespaces: agentNamespaces(platform) }];
    new Guard(this, 'pods', {
      mode,
      name: 'agent-tokens',
      requests: [{ operations: ['CREATE'], resources: ['pods'] }],
      bindings,
      refusals: [
        {
          expression: '!object.spec.?automountServiceAccountToken.orValue(true)',
          message:
            'Agents get no token for the Kubernetes API, which would lead past the network policies. Set automountServiceAccountToken: false in the pod.',
        },
        {
          expression:
            `${sources}!has(source.serviceAccountToken) || (source.serviceAccountToken.?audience.orValue("") != "" && ` +
            `!${literal(API_AUDIENCES)}.exists(audience, source.serviceAccountToken.?audience.orValue("").startsWith(audience)))))`,
          message:
            'A projected token for the Kubernetes API is refused: agents have no business there. Set serviceAccountToken.audience to whom the token is for, or remove the volume.',
        },
        {
          expression: `${sources}!has(source.podCertificate)))`,
          message:
            'Projected pod certificates are refused: some signers make clients of the Kubernetes API. Agents have an SVID from SPIRE.',
        },
      ],
    });
    new Guard(this, 'requests', {
      mode,
      name: 'token-requests',
      requests: [{ operations: ['CREATE'], resources: ['serviceaccounts/token'] }],
      bindings,
      refusals: [
        {
          expression: `${callerIn('system:nodes')} && request.userInfo.username.startsWith("system:node:")`,
          message:
            'Only a node asks for the token of an agent, for a pod that runs there: with it anyone would be the agent. Use an identity of your own.',
        },
      ],
    });
    new Guard(this, 'secrets', {
      mode,
      name: 'token-secrets',
      requests: [{ operations: ['CREATE', 'UPDATE'], resources: ['secrets'] }],
      bindings,
      refusals: [
        {
          expression: 'object.?type.orValue("") != "kubernetes.io/service-account-token"',
          message:
            'Secrets of type kubernetes.io/service-account-token are refused in a namespace of agents: they hold a token that never expires. Use a projected token for an audience.',
        },
      ],
    });
  }
}
