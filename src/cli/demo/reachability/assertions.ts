import type { KubeObject } from '../../../model/kube-object.js';
import { reach, readCluster, reachedBy as whoReaches } from '../../../prove/index.js';
import { compareRows } from './compare.js';
import { GUARDED, MIGRATION_REACHES, reachedBy, reaches, type Open, type Rows } from './expected.js';
import { IMPOSTORS, MIGRATION, UNLABELLED } from './hypothetical.js';

/** What differs from what the sample stacks must amount to while `open` is open, each a sentence; empty when nothing. */
export const reachProblems = (live: readonly KubeObject[], open: Open): readonly string[] => [
  ...new Set(eachReachProblem(live, open)),
];

/** The same one by one, each looked for when it is asked for: whoever needs the first only waits for that. */
export function* eachReachProblem(live: readonly KubeObject[], open: Open): Generator<string, void> {
  const imagined = [...UNLABELLED, ...IMPOSTORS, MIGRATION];
  const cluster = readCluster([...live, ...imagined]);
  const hypothetical = new Set(imagined.map(({ metadata }) => metadata.name));
  const real = cluster.pods.filter(({ name }) => !hypothetical.has(name));
  const inGuarded = real.filter(({ namespace }) => (GUARDED as readonly string[]).includes(namespace));
  const out = reaches(open);
  const into = reachedBy(open);

  for (const workload of Object.keys(out)) {
    if (!inGuarded.some((pod) => pod.workload === workload)) yield `there is no pod of ${workload}`;
  }
  function* check(namespace: string, name: string, subject: string, to: Rows, from: Rows): Generator<string, void> {
    const there = { namespace, name };
    const outwards = reach(cluster, there).rows.map(({ to: label, ...row }) => ({ label, ...row }));
    yield* compareRows(subject, 'reaches', to, outwards);
    const inwards = whoReaches(cluster, there).rows.map(({ from: label, ...row }) => ({ label, ...row }));
    yield* compareRows(subject, 'is reached by', from, inwards);
  }
  for (const { namespace, name, workload } of inGuarded) {
    const [to, from] = [out[workload], into[workload]];
    if (to === undefined || from === undefined) yield `${workload} runs where nobody expects it`;
    else yield* check(namespace, name, workload, to, from);
  }
  for (const { metadata } of UNLABELLED) {
    const namespace = metadata.namespace ?? '';
    yield* check(namespace, metadata.name, `a pod without labels in ${namespace}`, {}, {});
  }
  const migration = MIGRATION.metadata;
  yield* check(migration.namespace ?? '', migration.name, 'the migration of OpenFGA', MIGRATION_REACHES, {});
}
