/** What came of one attempt to connect. */
export type Outcome =
  /** A TCP connection was made. */
  | 'answers'
  /** A reset: of the network layer, or of a server that is down. */
  | 'refuses'
  /** Nothing came back in time. */
  | 'is silent'
  /** The network said no. */
  | 'is unreachable'
  /** It could not be tried. */
  | 'could not be tried';

export interface Attempt {
  /** `address:port`. */
  readonly target: string;
  readonly outcome: Outcome;
}

export interface Ruling {
  readonly open: boolean;
  /** Why, in words of a log. */
  readonly because: string;
}

/**
 * Judges attempts that were made at the same time. The gate opens when nothing that must be denied answers while
 * something that must be reached does: without that, silence is a network that is not there yet. One reset shows nothing,
 * since a server that is down sends one too; those of two servers at once are the network's.
 *
 * @param denied what no agent reaches at any level, and what answers whoever reaches it
 * @param reached what every agent reaches
 */
export function rule(denied: readonly Attempt[], reached: readonly Attempt[]): Ruling {
  const said = (attempts: readonly Attempt[]): string =>
    attempts.map(({ target, outcome }) => `${target} ${outcome}`).join(', ');
  const of = (outcome: Outcome): readonly Attempt[] => denied.filter((attempt) => attempt.outcome === outcome);
  const hold = (because: string): Ruling => ({ open: false, because });
  if (denied.length === 0) return hold('there is nothing to try that must be denied');
  const through = of('answers');
  if (through.length > 0) return hold(`no policy is in force here yet: ${said(through)}, which must be denied`);
  const untried = of('could not be tried');
  if (untried.length > 0) return hold(said(untried));
  const control = reached.filter(({ outcome }) => outcome === 'answers');
  if (control.length === 0) {
    return hold(
      `nothing that must be reached answers, so that silence shows nothing: ${said(reached) || 'none given'}`,
    );
  }
  const refusals = of('refuses');
  if (refusals.length === denied.length && refusals.length < 2) {
    return hold(`${said(refusals)}: a reset of one server alone may be its own, and shows nothing`);
  }
  return { open: true, because: `${said(denied)}, while ${said(control)}` };
}
