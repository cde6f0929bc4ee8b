import type { KubeObject } from '../../../model/kube-object.js';
import { reach, readCluster, reachedBy as whoReaches } from '../../../prove/index.js';
import { compareRows } from './compare.js';
import { GUARDED, MIGRATION_REACHES, reachedBy, reaches, type Open, type Rows } from './expected.js';
import { IMPOSTORS, MIGRATION, UNLABELLED } from './hypothetical.js';

/** What differs from what the sample stacks must amount to while `open` is open, each a sentence; empty when nothing. */
export function reachProblems(live: readonly KubeObject[], open: Open): readonly string[] {
  const imagined = [...UNLABELLED, ...IMPOSTORS, MIGRATION];
  const cluster = readCluster([...live, ...imagined]);
  const hypothetical = new Set(imagined.map(({ metadata }) => metadata.name));
  const real = cluster.pods.filter(({ name }) => !hypothetical.has(name));
  const inGuarded = real.filter(({ namespace }) => (GUARDED as readonly string[]).includes(namespace));
  const out = reaches(open);
  const into = reachedBy(open);

  const problems: string[] = [];
  for (const workload of Object.keys(out)) {
    if (!inGuarded.some((pod) => pod.workload === workload)) problems.push(`there is no pod of ${workload}`);
  }
  const check = (namespace: string, name: string, subject: string, to: Rows, from: Rows): void => {
    const there = { namespace, name };
    const outwards = reach(cluster, there).rows.map(({ to: label, ...row }) => ({ label, ...row }));
    const inwards = whoReaches(cluster, there).rows.map(({ from: label, ...row }) => ({ label, ...row }));
    problems.push(
      ...compareRows(subject, 'reaches', to, outwards),
      ...compareRows(subject, 'is reached by', from, inwards),
    );
  };
  for (const { namespace, name, workload } of inGuarded) {
    const [to, from] = [out[workload], into[workload]];
    if (to === undefined || from === undefined) problems.push(`${workload} runs where nobody expects it`);
    else check(namespace, name, workload, to, from);
  }
  for (const { metadata } of UNLABELLED) {
    const namespace = metadata.namespace ?? '';
    check(namespace, metadata.name, `a pod without labels in ${namespace}`, {}, {});
  }
  const migration = MIGRATION.metadata;
  check(migration.namespace ?? '', migration.name, 'the migration of OpenFGA', MIGRATION_REACHES, {});
  return [...new Set(problems)];
}
