import type { k8s } from 'cdk8s-plus-28';
import { describe, expect, it } from 'vitest';
import { Sidecars } from '../../../src/constructs/guards/sidecars.js';
import { agentSidecars } from '../../../src/constructs/sidecars.js';
import { platform, render, type Policy } from './fixture.js';

/** What the API server makes of the expressions is seen in test/integration/guards. */

const { policies, bindings } = render((scope) => new Sidecars(scope, 'guard', { platform }));
const policyOf = (name: string): Policy =>
  policies.find(({ metadata }) => metadata.name === `portarium-guard-sidecar-${name}`)!;
const textOf = (name: string): string => JSON.stringify(policyOf(name).spec.validations);

const [envoy, gate] = agentSidecars(platform, 'any').containers as [k8s.Container, k8s.Container];

describe('Sidecars', () => {
  it('judge a new pod, and a running one only when an init container changes', () => {
    for (const { spec } of policies) {
      const { matchConstraints, matchConditions } = spec as unknown as Record<string, unknown>;
      expect(matchConstraints).toMatchObject({
        resourceRules: [{ operations: ['CREATE', 'UPDATE'], resources: ['pods'] }],
      });
      expect(matchConditions).toEqual([
        {
          name: 'changes',
          expression: 'request.operation == "CREATE" || object.spec.?initContainers != oldObject.spec.?initContainers',
        },
      ]);
    }
  });

  it('bind to the pods by the labels that one service account may carry', () => {
    expect(
      bindings.map(({ spec }) => (spec.matchResources as unknown as { objectSelector: object }).objectSelector),
    ).toEqual(
      [
        [
          { key: 'portarium.io/role', operator: 'In', values: ['agent'] },
          { key: 'portarium.io/agent', operator: 'NotIn', values: ['portarium-probe'] },
        ],
        [{ key: 'portarium.io/component', operator: 'In', values: ['worker'] }],
        [{ key: 'portarium.io/component', operator: 'In', values: ['api-server'] }],
      ].map((matchExpressions) => ({ matchExpressions })),
    );
  });

  it('hold what the sidecar runs to what is rendered', () => {
    expect(policyOf('agents').spec.validations[1]).toEqual({
      expression:
        '!(variables.inits.size() > 0 && variables.inits[0].name == "envoy") || (' +
        'variables.inits[0].image == "docker.io/envoyproxy/envoy:distroless-v1.40.0" && ' +
        'variables.inits[0].?command.orValue([]) == ["/usr/local/bin/envoy"] && ' +
        `variables.inits[0].?args.orValue([]) == ${JSON.stringify(envoy.args)} && ` +
        'variables.inits[0].?workingDir.orValue("") == "" && ' +
        'variables.inits[0].?restartPolicy.orValue("") == "Always")',
      message:
        "Image, command, arguments and restart policy of the sidecar envoy are the platform's (portarium:sidecar). " +
        'Take it as the stack renders it, or deploy the stack, which patches it into its Deployment.',
      reason: 'Forbidden',
    });
  });

  it('hold the gate that an agent starts behind to what is rendered, and to no mounts', () => {
    const [place, program, given] = policyOf('agents').spec.validations.slice(3);
    expect(place).toMatchObject({
      expression: 'variables.inits.size() > 1 && variables.inits[1].name == "start-gate"',
      message: expect.stringMatching(/^The second init container of this pod must be the start-gate\./) as string,
    });
    expect(program!.expression).toContain(`variables.inits[1].?args.orValue([]) == ${JSON.stringify(gate.args)}`);
    expect(program!.expression).toContain('variables.inits[1].?restartPolicy.orValue("") == ""');
    expect(given!.message).toMatch(/^The start-gate has no environment, hooks or probes .* and no mounts\. /);
  });

  it('hold an agent to the files of its own name, and others to theirs', () => {
    expect(policyOf('agents').spec.validations[6]!.expression).toContain(
      'volume.?configMap.?name.orValue("") == "" + object.metadata.?labels[?"portarium.io/agent"].orValue("") + "-envoy"',
    );
    expect(policyOf('workers').spec.validations[3]!.expression).toContain('== "worker-envoy"');
    expect(policyOf('front').spec.validations[6]!.expression).toContain('== "api-server-envoy"');
  });

  it('at the front hold the authorizer too, and what it is told and believes', () => {
    expect(policyOf('front').spec.validations[3]).toMatchObject({
      expression: 'variables.inits.size() > 1 && variables.inits[1].name == "authorizer"',
      message: expect.stringMatching(
        /^The second init container of this pod must be the sidecar authorizer\./,
      ) as string,
    });
    expect(policyOf('front').spec.validations[6]!.expression).toContain(
      '["token token ","configMap kube-root-ca.crt ca.crt:ca.crt","downwardAPI metadata.namespace:namespace"]',
    );
    expect(policies.map(({ spec }) => spec.validations.length)).toEqual([9, 6, 9]);
  });

  it('say which mounts there are', () => {
    expect(textOf('workers')).toContain(
      'exactly these mounts: envoy-config /etc/envoy ro, envoy-run /run/envoy rw, spire /run/spire/sockets ro.',
    );
  });
});
