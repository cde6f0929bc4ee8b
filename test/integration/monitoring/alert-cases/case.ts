export type Labels = Readonly<Record<string, string>>;

/** What a case shows beside that the alert fires: the ways in which such rules are wrong as a rule. */
export type Trait = 'first increase' | 'restart' | 'gap' | 'NaN' | 'absent' | 'not enforced';

/** One story of an alert, by promtool's notation of series: `0x5 1x9` are six samples of 0 and ten of 1. */
export interface Case {
  readonly alert: string;
  readonly shows: string;
  readonly traits?: readonly Trait[];
  /** Between samples and between evaluations, minutes. @default 1 */
  readonly interval?: number;
  readonly series: Readonly<Record<string, string>>;
  /**
   * Who fires at which minute, by the labels that come from series; none: silent. Those of the rule itself are held
   * against `SEVERITIES`.
   */
  readonly at: Readonly<Record<number, readonly Labels[]>>;
}

/** So many samples that are no number. */
export const noNumbers = (count: number): string => Array<string>(count).fill('NaN').join(' ');

export const SILENT: readonly Labels[] = [];

/** Which policy is in force, by a replica of the front. */
export const inForce = (workspaceId: string, level: string): string =>
  `portarium_policy_info{workspace_id="${workspaceId}",level="${level}",policy_hash="h",readable="true",pod="api-server-0"}`;

/** The workspaces of the example: ws-acme and ws-beta share the namespace portarium-agents, ws-globex has its own. */
export const ENFORCED = {
  [inForce('ws-acme', 'enforced')]: '1x700',
  [inForce('ws-beta', 'routing')]: '1x700',
  [inForce('ws-globex', 'routing')]: '1x700',
};
export const ROUTING = {
  [inForce('ws-acme', 'routing')]: '1x700',
  [inForce('ws-beta', 'routing')]: '1x700',
  [inForce('ws-globex', 'routing')]: '1x700',
};
