import pc from 'picocolors';
import { isEmpty, type PolicyDiff, type ToolChange } from '../../model/policy-diff.js';

/** A line per tool that was added, removed or has another tier, then one per other field; or that nothing differs. */
export function diffLines(diff: PolicyDiff): readonly string[] {
  if (isEmpty(diff)) return ['  nothing differs'];
  return [
    ...diff.allowedTools.map((change) => toolLine('allowlist', change)),
    ...diff.blastRadius.map((change) => toolLine('blast radius', change)),
    ...diff.others.map(({ field, before, after }) => `~ ${field}: ${text(before)} -> ${text(after)}`),
  ].map((line) => `  ${line}`);
}

function toolLine(list: string, { tool, before, after }: ToolChange): string {
  if (before === undefined) return `${pc.green('+')} ${list}: ${tool} ${after ?? ''}`;
  if (after === undefined) return `${pc.red('-')} ${list}: ${tool} ${before}`;
  return `${pc.yellow('~')} ${list}: ${tool} ${before} -> ${after}`;
}

const text = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));
