import { tryDuration } from '../../../model/duration.js';
import { OPENFGA_STALENESS } from '../../../model/openfga.js';
import { openfgaImageProblem } from '../../../model/openfga-versions.js';
import { setting, type Container, type Faults, type Rendered } from './rendered.js';

/** Versions that answer wrong, and images that do not say which they are. */
export const versions = ({ servers, migrations }: Rendered): Faults => {
  const images = (running: Rendered['servers']): readonly string[] => [
    ...new Set(running.map(({ container }) => container.image ?? '')),
  ];
  return images([...servers, ...migrations]).map((image) => openfgaImageProblem(image));
};

const CACHES = ['CHECK_QUERY_CACHE', 'CHECK_ITERATOR_CACHE', 'CACHE_CONTROLLER'] as const;

/** Milliseconds; OpenFGA's default where nothing is said. */
const ttlOf = (container: Container, cache: (typeof CACHES)[number]): number =>
  setting(container, `${cache}_ENABLED`) === 'true'
    ? (tryDuration(setting(container, `${cache}_TTL`) ?? '10s') ?? NaN)
    : 0;

/** How old an answer may be: what one cache holds is made of what the next held. */
export const staleness = ({ servers }: Rendered): Faults =>
  servers.flatMap(({ container }) => {
    const seconds = CACHES.map((cache) => ttlOf(container, cache) / 1000);
    const sum = seconds.reduce((total, each) => total + each, 0);
    return [
      !(sum <= OPENFGA_STALENESS) &&
        `the caches hold answers for ${seconds.join(' + ')} s; a revoked tuple must deny within ${OPENFGA_STALENESS} s.`,
      setting(container, 'CACHE_TTL_JITTER_PERCENTAGE') !== undefined &&
        'jitter lengthens what the caches hold; leave OPENFGA_CACHE_TTL_JITTER_PERCENTAGE out.',
      setting(container, 'SHARED_ITERATOR_ENABLED') === 'true' &&
        'shared iterators keep reads that are older than the caches’ limit; leave OPENFGA_SHARED_ITERATOR_ENABLED out.',
    ];
  });
