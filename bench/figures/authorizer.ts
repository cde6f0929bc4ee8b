import { measureAuthorizer } from '../authorizer.js';
import type { Part } from './figure.js';

/** The authorizer with a thousand workspaces. */
export const authorizerFigures: Part = async () => {
  const { resident, policyChange, revocation, asked, blocked } = await measureAuthorizer(1000);
  return [
    {
      figure: 'the authorizer with 1,000 workspaces, resident',
      measured: `${resident.toFixed(0)} MiB`,
      target: '<= 256 MiB',
      met: resident <= 256,
    },
    {
      figure: '  a changed policy is in force, worst of 10',
      measured: `${policyChange.toFixed(0)} ms`,
      target: '<= 2000 ms',
      met: policyChange <= 2000,
    },
    {
      figure: '  a tuple that is taken away denies, worst of 10',
      measured: `${revocation.toFixed(0)} ms`,
      target: '<= 5000 ms',
      met: revocation <= 5000,
    },
    {
      figure: '  decisions a second per core: OpenFGA asked, tool refused',
      measured: `${(1000 / asked).toFixed(0)}/s, ${(1000 / blocked).toFixed(0)}/s (${asked.toFixed(2)}, ${blocked.toFixed(2)} ms CPU)`,
      target: '',
    },
  ];
};
