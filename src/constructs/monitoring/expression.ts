import { parser } from '@prometheus-io/lezer-promql';
import { METRICS, type MetricKey, type MetricNames } from '../../model/metrics.js';
import { TARGET_LABELS, type Metric } from '../../model/metrics/metric.js';

type Tree = ReturnType<typeof parser.parse>;
type Node = Tree['topNode'];

/** Functions that want a range of samples; of these, those that only make sense for what never falls. */
const OF_COUNTERS = ['rate', 'irate', 'increase', 'resets'];
const OF_RANGES = [...OF_COUNTERS, 'delta', 'deriv', 'changes'];
const SUFFIXES = ['_bucket', '_sum', '_count'];

/**
 * What is wrong with an expression, each as a sentence: syntax, series that the contract does not have, labels that they
 * do not have, functions over the wrong kind of series. Empty when nothing is.
 */
export function expressionFaults(expr: string, names: MetricNames): readonly string[] {
  const faults: string[] = [];
  const text = (node: Node): string => expr.slice(node.from, node.to);
  const found: Metric[] = [];
  const made = new Set<string>(['le', '__name__']);
  const grouped: string[] = [];
  const visit = (node: Node): void => {
    if (node.type.isError) {
      faults.push(`is not PromQL at character ${node.from}: "${expr.slice(node.from, node.from + 20)}".`);
    } else if (node.name === 'VectorSelector') {
      const name = node.getChild('Identifier');
      const metric = name && metricOf(text(name), names);
      if (!metric) {
        faults.push(
          name
            ? `reads "${text(name)}", which is not in the metric contract (src/model/metrics.ts).`
            : `reads "${text(node)}", which names no series.`,
        );
      } else {
        found.push(metric);
        for (const matcher of node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? []) {
          const label = text(matcher.getChild('LabelName')!);
          if (!labelsOf(metric).includes(label)) {
            faults.push(`${text(name)} has no label "${label}". It has: ${metric.labels.join(', ') || 'none'}.`);
          }
        }
      }
    } else if (node.name === 'GroupingLabels') {
      grouped.push(...node.getChildren('LabelName').map(text));
    } else if (node.name === 'FunctionCall') {
      call(node);
    }
    for (let child = node.firstChild; child; child = child.nextSibling) visit(child);
  };
  const call = (node: Node): void => {
    const name = text(node.getChild('FunctionIdentifier')!);
    const body = node.getChild('FunctionCallBody');
    if (name === 'label_replace') {
      const [target] = body?.getChildren('StringLiteral').map(text) ?? [];
      if (target) made.add(target.slice(1, -1));
    }
    const [argument] = body ? childrenOf(body).filter(({ name: kind }) => !/^[(),]$/.test(kind)) : [];
    if (!argument) return;
    const ranged = ['MatrixSelector', 'SubqueryExpr', 'OffsetExpr', 'StepInvariantExpr'].includes(argument.name);
    if ((OF_RANGES.includes(name) || name.endsWith('_over_time')) && !ranged) {
      faults.push(`${name}() wants a range: "${text(argument)}[5m]", not "${text(argument)}".`);
    }
    const selector = /^[a-zA-Z_:][\w:]*/.exec(text(argument))?.[0];
    const metric = selector && metricOf(selector, names);
    if (metric && OF_COUNTERS.includes(name) && metric.type === 'gauge') {
      faults.push(`${name}() of ${selector}, which is a gauge and may fall.`);
    }
  };
  visit(parser.parse(expr).topNode);
  const known = new Set([...found.flatMap(labelsOf), ...made]);
  for (const label of grouped) {
    if (!known.has(label)) faults.push(`groups by "${label}", which no series in it has.`);
  }
  return faults;
}

function metricOf(name: string, names: MetricNames): Metric | undefined {
  const plain = SUFFIXES.map((suffix) => (name.endsWith(suffix) ? name.slice(0, -suffix.length) : undefined));
  for (const [key, called] of Object.entries(names)) {
    const metric = METRICS[key as MetricKey];
    if (metric.type === 'histogram' ? plain.includes(called) : called === name) return metric;
  }
  return undefined;
}

const labelsOf = ({ labels, emitter, type }: Metric): readonly string[] => [
  ...labels,
  ...(emitter === 'rules' ? [] : TARGET_LABELS),
  ...(type === 'histogram' ? ['le'] : []),
];

function childrenOf(node: Node): readonly Node[] {
  const children: Node[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) children.push(child);
  return children;
}
