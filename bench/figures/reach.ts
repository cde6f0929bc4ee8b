import { againstPeer } from '../reach.js';
import { cpu, growthFigure, inTurn, peakOf } from './child.js';
import { median, type Part } from './figure.js';

/** Who reaches whom, in clusters of three sizes. */
export const reachFigures: Part = (runs) => {
  const [small, middle, large, yaml, json] = inTurn(runs, [
    ['reach', 1000],
    ['reach', 2000],
    ['reach', 4000],
    ['reachYaml', 2000],
    ['reachJson', 2000],
  ]);
  const peak = peakOf(middle, yaml, json);
  const peer = againstPeer(2000, runs);
  return [
    {
      figure: 'reach: 2,000 pods and 400 policies, from objects to rows',
      measured: `${cpu(middle).toFixed(0)} ms CPU`,
      target: '<= 2000 ms',
      met: cpu(middle) <= 2000,
    },
    { figure: '  from a folder of YAML', measured: `${cpu(yaml).toFixed(0)} ms CPU`, target: '' },
    { figure: '  from one JSON file', measured: `${cpu(json).toFixed(0)} ms CPU`, target: '' },
    {
      figure: '  resident, peak of these',
      measured: `${peak.toFixed(0)} MB`,
      target: '<= 512 MB',
      met: peak <= 512,
    },
    growthFigure(small, middle, large),
    {
      figure: '  netpol-analyzer against the whole command, on one folder of YAML',
      measured:
        peer === undefined
          ? 'NOT MEASURED: no netpol-analyzer on the PATH'
          : `${median(peer.map(({ ours, theirs }) => theirs / ours)).toFixed(2)} x (${median(peer.map(({ theirs }) => theirs)).toFixed(1)} s, ${median(peer.map(({ ours }) => ours)).toFixed(1)} s)`,
      target: '',
    },
  ];
};
