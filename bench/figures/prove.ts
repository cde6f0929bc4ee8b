import { cpu, growthFigure, inTurn, peakOf } from './child.js';
import type { Part } from './figure.js';

/** That there is no way around: one stack, and clusters of three sizes. */
export const proveFigures: Part = (runs) => {
  const stacks = [
    ['ws-acme at routing', 'proveRouting'],
    ['ws-acme at enforced', 'proveEnforced'],
    ['ws-acme at routing, each step of its updates too', 'proveRoutingSteps'],
    ['ws-acme at enforced, each step of its updates too', 'proveEnforcedSteps'],
  ] as const;
  const proofs = inTurn(
    runs,
    stacks.map(([, name]) => [name, 0]),
  );
  const [small, middle, large] = inTurn(runs, [
    ['proveCluster', 1000],
    ['proveCluster', 2000],
    ['proveCluster', 4000],
  ]);
  const peak = peakOf(middle);
  return [
    ...stacks.map(([name], index) => ({
      figure: `prove ${name}`,
      measured: `${cpu(proofs[index]).toFixed(0)} ms CPU`,
      target: '<= 200 ms',
      met: cpu(proofs[index]) <= 200,
    })),
    {
      figure: 'prove a namespace of agents among 2,000 pods with 400 policies',
      measured: `${cpu(middle).toFixed(0)} ms CPU`,
      target: '<= 2000 ms',
      met: cpu(middle) <= 2000,
    },
    { figure: '  resident, peak', measured: `${peak.toFixed(0)} MB`, target: '<= 512 MB', met: peak <= 512 },
    growthFigure(small, middle, large),
  ];
};
