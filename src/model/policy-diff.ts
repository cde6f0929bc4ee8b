import { canonicalJson } from './canonical.js';
import type { PolicyDocument } from './policy.js';
import type { AllowedTool, Tier } from './workspace.js';

/** A tool whose tier is another; without `before` it was added, without `after` removed. */
export interface ToolChange {
  readonly tool: string;
  readonly before?: Tier;
  readonly after?: Tier;
}

/** What differs between two policies, tools by name. */
export interface PolicyDiff {
  readonly allowedTools: readonly ToolChange[];
  readonly blastRadius: readonly ToolChange[];
  /** Values as they are, or undefined. */
  readonly others: readonly { readonly field: string; readonly before?: unknown; readonly after?: unknown }[];
}

const TOOLS = ['allowedTools', 'blastRadius'] as const;

/** @param before `{}` where there was none */
export function policyDiff(before: Partial<PolicyDocument>, after: Partial<PolicyDocument>): PolicyDiff {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])] as (keyof PolicyDocument)[];
  return {
    allowedTools: toolChanges(before.allowedTools, after.allowedTools),
    blastRadius: toolChanges(before.blastRadius, after.blastRadius),
    others: fields
      .filter((field) => !TOOLS.some((list) => list === field) && !same(before[field], after[field]))
      .sort()
      .map((field) => ({
        field,
        ...(field in before && { before: before[field] }),
        ...(field in after && { after: after[field] }),
      })),
  };
}

export const isEmpty = ({ allowedTools, blastRadius, others }: PolicyDiff): boolean =>
  allowedTools.length + blastRadius.length + others.length === 0;

function toolChanges(before: readonly AllowedTool[] = [], after: readonly AllowedTool[] = []): readonly ToolChange[] {
  const was = new Map(before.map(({ tool, tier }) => [tool, tier]));
  const is = new Map(after.map(({ tool, tier }) => [tool, tier]));
  return [...new Set([...was.keys(), ...is.keys()])]
    .filter((tool) => was.get(tool) !== is.get(tool))
    .sort()
    .map((tool) => {
      const [old, now] = [was.get(tool), is.get(tool)];
      return { tool, ...(old !== undefined && { before: old }), ...(now !== undefined && { after: now }) };
    });
}

const same = (a: unknown, b: unknown): boolean => canonicalJson(a ?? null) === canonicalJson(b ?? null);
