import { resolvableNames, type ResolvableName } from '../../model/resolvable-names.js';
import type { Platform } from '../../model/platform.js';

/** The names of the platform's own services that agents may resolve, each with what opens it. */
export const fixedNames = (platform: Platform): readonly ResolvableName[] =>
  resolvableNames(platform, { systemsOfRecord: [] });
