import { measureReport, type ReportMeasured } from '../report.js';
import { median, type Part } from './figure.js';

/** The report of one workspace on a live cluster. */
export const reportFigures: Part = async (runs) => {
  const measured = await measureReport(runs);
  const of = (what: keyof ReportMeasured): number => median(measured.map((each) => each[what]));
  return [
    {
      figure: 'report of one workspace, live, without PDF: the whole command',
      measured: `${of('seconds').toFixed(2)} s`,
      target: '<= 2 s',
      met: of('seconds') <= 2,
    },
    { figure: '  its PDF by Chromium, besides', measured: `${of('printing').toFixed(2)} s`, target: '' },
  ];
};
