import type { Command } from 'commander';
import { labDown, labStatus, labUp } from '../../lab/background.js';
import { EXIT } from './exit-codes.js';
import { createOutput, duration } from './output.js';

export function labCommand(program: Command): void {
  const lab = program
    .command('lab')
    .summary('a real Kubernetes control plane on loopback: up, down, status')
    .description(
      'etcd, kube-apiserver, kube-controller-manager, kube-scheduler and kwok on loopback. Servers come from PATH or are built once from pinned Go modules (six to nine minutes on two cores), then it is Ready in seconds.',
    );
  lab
    .command('up')
    .summary('start it in the background and print how to use it')
    .option('--json', 'answer as one JSON document')
    .action(async (options: { json?: boolean }) => {
      const output = createOutput(options.json ?? false);
      const started = performance.now();
      const status = await labUp({ onProgress: (line) => output.progress(line) });
      output.line(`lab at ${status.server ?? ''}, Ready in ${duration(performance.now() - started)}`);
      output.line(`export KUBECONFIG=${status.kubeconfig ?? ''}`);
      output.result(status);
    });
  lab
    .command('down')
    .summary('end it')
    .option('--json', 'answer as one JSON document')
    .action(async (options: { json?: boolean }) => {
      const output = createOutput(options.json ?? false);
      const was = labStatus();
      await labDown();
      output.line(was.running ? 'lab ended' : 'no lab was running');
      output.result({ wasRunning: was.running });
    });
  lab
    .command('status')
    .summary('whether it runs, and where')
    .option('--json', 'answer as one JSON document')
    .action((options: { json?: boolean }) => {
      const output = createOutput(options.json ?? false);
      const status = labStatus();
      output.line(
        status.running
          ? `running at ${status.server ?? ''} for ${duration((status.uptimeSeconds ?? 0) * 1000)}`
          : 'not running',
      );
      if (status.running) output.line(`export KUBECONFIG=${status.kubeconfig ?? ''}`);
      output.result(status);
      if (!status.running) process.exitCode = EXIT.error;
    });
}
