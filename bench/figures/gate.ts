import { measureGate, type GatePass } from '../gate.js';
import { median, type Part } from './figure.js';

/** The metric gate for a hundred workspaces in one pass. */
export const gateFigures: Part = async (runs) => {
  const passes = await measureGate(100, runs);
  const of = (what: keyof GatePass): number => median(passes.map((pass) => pass[what]));
  return [
    {
      figure: 'gate for 100 workspaces by 48 hours of a local Prometheus, one pass',
      measured: `${of('seconds').toFixed(1)} s (${of('cpu').toFixed(1)} s CPU; ${of('judging').toFixed(1)} s to judge ${of('answered').toFixed(0)} MiB)`,
      target: '<= 5 s',
      met: of('seconds') <= 5,
    },
  ];
};
