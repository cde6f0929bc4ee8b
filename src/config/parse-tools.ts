import { isDangerous, tierRank, UNKNOWN_TIER } from '../model/tools.js';
import { duplicates, type Refuse } from './parse.js';
import type { WorkspaceConfig } from './schema.js';

/** What is said of tools: each once, and dangerous ones not left to themselves without a word. */
export function checkTools(
  { allowlist, blastRadius, separationOfDuties, policyIds }: WorkspaceConfig,
  refuse: Refuse,
): void {
  const { allowedTools } = allowlist;
  const { financialTools } = separationOfDuties;
  const twice = (path: readonly string[], values: readonly string[], what: string, key: readonly string[] = []): void =>
    duplicates(values).forEach(({ value, index, first }) => {
      refuse([...path, index, ...key], `${what} "${value}" is listed twice, first as ${path.join('.')}[${first}].`);
    });
  duplicates(allowedTools.map(({ tool }) => tool)).forEach(({ value, index, first }) => {
    refuse(
      ['allowlist', 'allowedTools', index, 'tool'],
      `tool "${value}" is listed twice, first as allowlist.allowedTools[${first}]. A tool has one tier.`,
    );
  });
  twice(
    ['blastRadius'],
    blastRadius.map(({ tool }) => tool),
    'tool',
    ['tool'],
  );
  twice(['separationOfDuties', 'financialTools'], financialTools, 'tool');
  twice(['policyIds'], policyIds, 'policy');
  allowedTools.forEach(({ tool, tier }, index) => {
    const demanded = blastRadius.find((each) => each.tool === tool)?.tier;
    const path = ['allowlist', 'allowedTools', index, 'tier'];
    if (demanded !== undefined && tierRank(tier) < tierRank(demanded)) {
      refuse(path, `"${tier}" is laxer than "${demanded}", which blastRadius demands of "${tool}".`);
    }
    if (demanded === undefined && isDangerous(tool) && tierRank(tier) < tierRank(UNKNOWN_TIER)) {
      refuse(
        path,
        `"${tool}" is dangerous by its name, and "${tier}" needs no person. Use ${UNKNOWN_TIER} or ManualOnly, or say in blastRadius that "${tier}" is enough.`,
      );
    }
  });
}
