import { TIERS, type AllowedTool, type Tier } from './workspace.js';

/** What a workspace's policy says of tools. */
export interface ToolPolicy {
  readonly allowedTools: readonly AllowedTool[];
  /** The tier of tools by what they can break, for those that the allowlist does not name. */
  readonly blastRadius: readonly AllowedTool[];
}

/** What a tool needs when nothing is said of it: a person. */
export const UNKNOWN_TIER: Tier = 'HumanApprove';

/** The stricter of two is the one with the higher rank. */
export const tierRank = (tier: Tier): number => TIERS.indexOf(tier);

/**
 * The tier that a call of the tool needs: the allowlist's, else the blast radius', else a person's approval.
 * Source: runbook Phase 3 step 2 and Phase 4 step 3.
 */
export const tierOf = ({ allowedTools, blastRadius }: ToolPolicy, tool: string): Tier =>
  rowOf(allowedTools, tool)?.tier ?? rowOf(blastRadius, tool)?.tier ?? UNKNOWN_TIER;

/** By the exact name: no case folding, no pattern. */
export const isAllowed = ({ allowedTools }: ToolPolicy, tool: string): boolean =>
  rowOf(allowedTools, tool) !== undefined;

const rowOf = (tools: readonly AllowedTool[], tool: string): AllowedTool | undefined =>
  tools.find((each) => each.tool === tool);

const COMMANDS = ['shell', 'terminal', 'powershell', 'bash', 'sh', 'cmd', 'exec', 'eval', 'sudo', 'ssh'];
const BROWSERS = ['browser', 'playwright', 'puppeteer', 'selenium'];
const PAIRS = [
  { first: ['system', 'os'], second: ['exec', 'command', 'process'] },
  { first: ['package', 'tool'], second: ['install', 'update', 'remove'] },
];

/**
 * Whether the name says that the tool runs what it is given, drives a browser, or changes what is installed. A name
 * proves nothing of a tool that is harmless by it; it only tells which ones a person must look at.
 * Source: runbook Phase 3 step 2 ("default dangerous tools to HumanApprove"); upstream's blast-radius classes.
 */
export function isDangerous(tool: string): boolean {
  const words = tool.toLowerCase().split(/[:._-]+/);
  return (
    words.some((word) => COMMANDS.includes(word) || BROWSERS.includes(word)) ||
    PAIRS.some(({ first, second }) =>
      words.some((word, index) => first.includes(word) && second.includes(words[index + 1] ?? '')),
    )
  );
}
