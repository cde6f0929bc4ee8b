import { loadStacks } from '../../config/load.js';
import { CRITERIA, ENFORCEMENT_WINDOW, type Collecting, type NetworkSource, type Subject } from '../../gate/index.js';
import { formatDuration } from '../../model/duration.js';
import { namesWith } from '../../model/metrics.js';
import type { GateOptions } from '../gate.js';
import { CliError, EXIT } from '../exit-codes.js';
import { checkSigning } from '../kept.js';
import { openWorkspace } from '../stack.js';
import { accessOf } from './access.js';
import { subjectOf } from './subject.js';

const DEFAULT_JOBS = '.*portarium.*';

/** What the server is asked, and about whom. Throws CliError, before anything is asked, where the options are wrong. */
export function askingOf(options: GateOptions): { readonly asking: Collecting; readonly subjects: readonly Subject[] } {
  const { subjects, platform, only } = subjectsOf(options);
  checkSigning(options);
  if (options.gate === 'enforcement' && options.window < ENFORCEMENT_WINDOW) {
    throw new CliError(
      EXIT.usage,
      `--window ${formatDuration(options.window * 1000)}: that proves nothing for the enforcement gate. Allowed: 48h or more.`,
    );
  }
  if (options.window % options.interval !== 0) {
    throw new CliError(
      EXIT.usage,
      `--interval: the window of ${formatDuration(options.window * 1000)} must be a whole number of intervals.`,
    );
  }
  const configured = platform.monitoring.prometheus;
  const asking: Collecting = {
    access: accessOf(options, configured),
    timeout: options.timeout,
    question: {
      gate: options.gate,
      window: options.window,
      step: options.interval,
      ...(only && { only }),
      names: namesWith(platform.monitoring.metricNames),
      network: networkOf(options, configured?.networkSource),
      jobs: configured?.jobs ?? DEFAULT_JOBS,
      criteria: { ...CRITERIA, minCalls: options.minCalls },
    },
  };
  return { asking, subjects };
}

function subjectsOf({ stack, all, stacks }: GateOptions) {
  if ((stack === undefined) === (all !== true)) {
    throw new CliError(EXIT.usage, 'give --stack NAME, the stack of a workspace, or --all, and not both.');
  }
  const { platform, chosen } = chosenOf(stack, stacks);
  const subjects = chosen.map((workspace) => subjectOf(platform, workspace));
  const [first] = subjects;
  return {
    platform,
    subjects,
    ...(!all && first && { only: { workspaceId: first.workspaceId, namespace: first.namespace } }),
  };
}

/** @param stack undefined: every workspace */
function chosenOf(stack: string | undefined, stacks: string) {
  if (stack !== undefined) {
    const { platform, workspace } = openWorkspace(stack, stacks);
    return { platform, chosen: [workspace] };
  }
  const { platform, workspaces } = loadStacks({ dir: stacks });
  if (workspaces.length === 0) throw new CliError(EXIT.stackNotFound, `no workspace stack in ${stacks}.`);
  return { platform, chosen: workspaces };
}

/** Only the config can say that there is no second source; the command line can merely leave it out. */
const networkOf = (options: GateOptions, configured: NetworkSource | undefined) => {
  const source = options.networkSource ?? configured ?? 'none';
  return { source, declared: source === 'none' && configured === 'none' };
};
