/**
 * Controls, modes and levels: the ladder of the Phase 4 runbook as data.
 * A level is a preset over the lattice of the four controls; everything between presets is reached by relaxing.
 */
export const CONTROLS = ['authz', 'mtls', 'allowlist', 'egress'] as const;
export type Control = (typeof CONTROLS)[number];

/** `shadow`: decide and record, let it pass. `enforce`: refuse what the control forbids. */
export type Mode = 'shadow' | 'enforce';
export type Modes = Readonly<Record<Control, Mode>>;

/** From loosest to strictest. */
export const LEVELS = ['routing', 'authz', 'identity', 'allowlist', 'enforced'] as const;
export type Level = (typeof LEVELS)[number];

/** How many controls the level enforces, 0 to 4: its place on the ladder. */
export const rank = (level: Level): number => LEVELS.indexOf(level);

/** The level's preset: the first `rank(level)` controls enforce, the rest are in shadow. */
export function modesAt(level: Level): Modes {
  const enforced = rank(level);
  return modes((control) => (CONTROLS.indexOf(control) < enforced ? 'enforce' : 'shadow'));
}

/** Builds modes from one decision per control. */
export function modes(decide: (control: Control) => Mode): Modes {
  return { authz: decide('authz'), mtls: decide('mtls'), allowlist: decide('allowlist'), egress: decide('egress') };
}

/** The controls that `relaxed` leaves in shadow although `level` enforces them. */
export function relax(level: Level, relaxed: Iterable<Control>): Modes {
  const loose = new Set(relaxed);
  const preset = modesAt(level);
  return modes((control) => (loose.has(control) ? 'shadow' : preset[control]));
}

/** The strictest of both in every control (the lattice's join). */
export const join = (a: Modes, b: Modes): Modes =>
  modes((control) => (a[control] === 'enforce' || b[control] === 'enforce' ? 'enforce' : 'shadow'));

/** The loosest of both in every control (the lattice's meet). */
export const meet = (a: Modes, b: Modes): Modes =>
  modes((control) => (a[control] === 'enforce' && b[control] === 'enforce' ? 'enforce' : 'shadow'));

/** True when `a` enforces every control that `b` enforces. */
export const atLeast = (a: Modes, b: Modes): boolean =>
  CONTROLS.every((control) => a[control] === 'enforce' || b[control] === 'shadow');

/** The level whose preset these modes are; undefined between presets. */
export const tryLevelOf = (wanted: Modes): Level | undefined =>
  LEVELS.find((level) => CONTROLS.every((control) => modesAt(level)[control] === wanted[control]));

/** The runbook's rollback targets and the level each goes down to (Phase 4, "Rollback"). */
export const ROLLBACK_TARGETS = { '1': 'allowlist', '2': 'identity', '3': 'authz', full: 'routing' } as const;
export type RollbackTarget = keyof typeof ROLLBACK_TARGETS;

/** The controls that rolling back from `reached` to `target` relaxes, in the ladder's order. */
export function relaxedBy(reached: Level, target: Level): readonly Control[] {
  return CONTROLS.slice(rank(target), rank(reached));
}
