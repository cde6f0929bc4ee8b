import { suggest } from '../../config/messages.js';
import { LABELS } from '../../model/names.js';
import { explain, explanationLines, readCluster, type Explanation, type Packet } from '../../prove/index.js';
import type { Input } from '../../prove/input/input.js';
import { CliError, EXIT } from '../exit-codes.js';
import type { Output } from '../output.js';

/** What `--explain` takes: `agent sales-bot to 8.8.8.8:53/udp`. */
export const EXPLAIN = 'agent <name> to <address|namespace/pod>:<port>/<tcp|udp|sctp>, or /icmp';

/** Walks the verdict about one packet of one agent, side by side and rule by rule. */
export function explainTo(output: Output, words: readonly string[], input: Input): void {
  const [subject, name = '', verb, target = '', ...rest] = words;
  if (subject !== 'agent' || verb !== 'to' || rest.length > 0) {
    throw new CliError(EXIT.usage, `--explain takes ${EXPLAIN}; got "${words.join(' ')}".`);
  }
  const packet = parsePacket(target);
  const cluster = input.reading(() => readCluster(input.objects));
  const agents = cluster.pods.filter(({ labels }) => labels.has(LABELS.agent));
  const pod = agents.find(({ labels }) => labels.get(LABELS.agent) === name);
  if (pod === undefined) {
    const known = [...new Set(agents.map(({ labels }) => labels.get(LABELS.agent)!))].sort();
    throw new CliError(EXIT.usage, `no agent "${name}". ${suggest(name, known)}`);
  }
  const told: Explanation = explain(cluster, pod, packet);
  for (const line of explanationLines(told)) output.line(line);
  output.result(told);
}

const PACKET = /^(?<end>.+?)(?::(?<port>\d{1,5}))?\/(?<protocol>tcp|udp|sctp|icmp)$/i;

/** @throws CliError for what is no packet */
export function parsePacket(text: string): Packet {
  const { end = '', port, protocol = '' } = PACKET.exec(text)?.groups ?? {};
  const name = protocol.toUpperCase();
  if (end === '' || (name === 'ICMP') !== (port === undefined)) {
    throw new CliError(
      EXIT.usage,
      `"${text}" is no packet. For example 8.8.8.8:53/udp, [2001:db8::1]:443/tcp, 8.8.8.8/icmp.`,
    );
  }
  const address = end.replace(/^\[(.*)\]$/, '$1');
  const [namespace, pod, ...more] = address.split('/');
  const isPod = pod !== undefined && more.length === 0;
  return {
    destination: isPod ? { namespace: namespace!, name: pod } : address,
    ...(name === 'ICMP' ? { protocol: 'other' } : { protocol: name as 'TCP' | 'UDP' | 'SCTP', port: Number(port) }),
  };
}
