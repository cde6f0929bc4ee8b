import { Option, type Command } from 'commander';
import { connectionsText, notEvaluatedText, readCluster } from '../prove/index.js';
import type { Input } from '../prove/input/input.js';
import { decidesReach } from '../prove/input/kinds.js';
import { exposureRows } from '../prove/rows/exposure-rows.js';
import { matrix, oneCidrARow, type RangeRow } from '../prove/rows/matrix.js';
import { networksOf } from '../prove/reach.js';
import { clusterOptions, type ClusterOptions } from './cluster.js';
import { CliError, EXIT } from './exit-codes.js';
import { createOutput, table } from './output.js';
import { readClusterObjects, readManifestsAt } from './read-objects.js';

interface ReachOptions extends ClusterOptions {
  readonly manifests?: string;
  readonly cluster?: boolean;
  readonly ipblockSelectsPods: 'true' | 'false';
  readonly exposure?: boolean;
  readonly json?: boolean;
}

export function reachCommand(program: Command): void {
  clusterOptions(program.command('reach'))
    .summary('who reaches whom, by the policies of a folder of manifests or of a live cluster')
    .description(
      'Lists which workloads may open connections to which others, on which ports, and each workload’s address ranges in both directions. Needs nothing of this program in the cluster. Exit code 10 when something that may decide could not be evaluated: it is named on stderr, and what is not in the list is then not closed for certain.',
    )
    .option('--manifests <dir>', 'folder of YAML and JSON files, or one file')
    .option('--cluster', 'the live cluster')
    .addOption(
      new Option('--ipblock-selects-pods <reading>', 'whether an ipBlock also selects pods by their addresses')
        .choices(['true', 'false'])
        .default('true'),
    )
    .option('--exposure', 'add what pods that do not exist yet could reach, and be reached by')
    .option('--json', 'answer as one JSON document: an array with one workload or one CIDR at each end of a row')
    .action(async (options: ReachOptions) => {
      const output = createOutput(options.json ?? false);
      const input = await read(options);
      const ipBlockSelectsPods = options.ipblockSelectsPods === 'true';
      const cluster = input.reading(() => readCluster(input.objects));
      const rows = [...matrix(cluster, { ipBlockSelectsPods }), ...(options.exposure ? exposureRows(cluster) : [])];
      output.result(oneCidrARow(rows));
      output.line(rows.length === 0 ? 'nobody reaches anybody' : reachText(rows));
      output.line(`\nipBlock ${ipBlockSelectsPods ? 'also selects pods' : 'selects no pods'}: ${READINGS}`);
      const unsettled = [...input.notEvaluated, ...cluster.notEvaluated, ...cluster.pods.flatMap(networksOf)];
      const placeless = cluster.pods.filter(({ addresses }) => addresses.length === 0).length;
      if (ipBlockSelectsPods && placeless > 0) {
        process.stderr.write(`note: no rule by ipBlock is counted for ${placeless} pod(s) without an address yet\n`);
      }
      for (const each of unsettled) process.stderr.write(`not evaluated: ${notEvaluatedText(each)}\n`);
      if (unsettled.length > 0) process.exitCode = EXIT.inconclusive;
    });
}

async function read(options: ReachOptions): Promise<Input> {
  const { manifests, cluster: live = false } = options;
  if ((manifests !== undefined) === live) {
    throw new CliError(EXIT.usage, 'of what? Name a folder with --manifests, or give --cluster for the live one.');
  }
  return manifests === undefined ? readClusterObjects(options, decidesReach) : readManifestsAt(manifests);
}

function reachText(rows: readonly RangeRow[]): string {
  return table([
    ['FROM', 'TO', 'PORTS'],
    ...rows.map(({ src, dst, connections }) => [src, dst, connectionsText(connections)]),
  ]);
}

const READINGS = 'the API leaves it open, and --ipblock-selects-pods=true|false says how to read it';
