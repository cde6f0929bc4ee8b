import { UNENFORCED_TAINTS } from '../../model/unenforced-nodes.js';
import { Field } from '../kube-object.js';
import type { KubeObject } from '../kube-object.js';
import { nameOf } from './finding.js';
import type { PreflightFinding } from './finding.js';

/** Labels of nodes on which no agent of the cluster's network layer runs. */
const KINDS: readonly (readonly [label: string, value: string, what: string])[] = [
  ['eks.amazonaws.com/compute-type', 'fargate', 'a Fargate node, on which no network layer of the cluster runs'],
  ['kubernetes.io/os', 'windows', 'a Windows node, on which most network layers enforce no policy'],
  ['type', 'kwok', 'a node of kwok, on which pods do not run'],
  ['type', 'virtual-kubelet', 'a virtual node, whose pods run elsewhere'],
];

export interface Nodes {
  readonly findings: readonly PreflightFinding[];
  /** On which the network layer must be, agents being put there. */
  readonly enforcing: number;
}

/**
 * Nodes that enforce no policy. One is harmless where a taint keeps agents off that admission lets none tolerate
 * (`UNENFORCED_TAINTS`, guard `agent-tolerations`); with another taint it depends on who tolerates it.
 */
export function nodes(objects: readonly KubeObject[]): Nodes {
  const all = objects.filter(({ kind }) => kind === 'Node');
  if (all.length === 0) {
    const reason = 'No node was read, so whether each enforces policies is not known.';
    const fix = 'Let the reader list nodes.';
    return { enforcing: 0, findings: [{ ...NODE, verdict: 'inconclusive', object: 'cluster', reason, fix }] };
  }
  const unenforced = all.flatMap((node) => {
    const what = kindOf(node);
    return what === undefined ? [] : [{ node, what }];
  });
  return {
    enforcing: all.length - unenforced.length,
    findings: unenforced.flatMap(({ node, what }) => judged(node, what)),
  };
}

const NODE = { threat: 'B21', field: 'spec.taints' } as const;

function kindOf(node: KubeObject): string | undefined {
  const labels = Field.of(node).at('metadata').at('labels').labels();
  return KINDS.find(([label, value]) => labels.get(label) === value)?.[2];
}

function judged(node: KubeObject, what: string): readonly PreflightFinding[] {
  const taints = Field.of(node)
    .at('spec')
    .at('taints')
    .items()
    .filter((taint) => ['NoSchedule', 'NoExecute'].includes(taint.at('effect').text()))
    .map((taint) => taint.at('key').text());
  if (taints.some((key) => UNENFORCED_TAINTS.includes(key))) return [];
  const fix = `Taint it with ${UNENFORCED_TAINTS.at(-1)} (NoSchedule), which agents may not tolerate.`;
  return [
    taints.length === 0
      ? {
          ...NODE,
          verdict: 'refuted',
          object: nameOf(node),
          reason: `It is ${what}, and agents may be put there.`,
          fix,
        }
      : {
          ...NODE,
          verdict: 'inconclusive',
          object: nameOf(node),
          reason: `It is ${what}; only pods that tolerate ${taints.join(', ')} are put there.`,
          fix,
        },
  ];
}
