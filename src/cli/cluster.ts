import type { Command } from 'commander';
import { Cluster } from '../bridge/cluster.js';

/** The options that every command about a live cluster takes. */
export interface ClusterOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
}

export const clusterOptions = (command: Command): Command =>
  command
    .option('--kubeconfig <file>', 'kubeconfig to use; KUBECONFIG and ~/.kube/config otherwise')
    .option('--context <name>', 'context of the kubeconfig; its current one otherwise');

export const connect = ({ kubeconfig, context }: ClusterOptions): Promise<Cluster> =>
  Cluster.connect({ ...(kubeconfig && { kubeconfig }), ...(context && { context }) });
