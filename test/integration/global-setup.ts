import type { TestProject } from 'vitest/node';
import { startLab, type Lab } from '../../lab/cluster.js';
import { LabError } from '../../lab/errors.js';
import { obtainAll } from '../../lab/obtain.js';
import { labUsers } from '../../lab/users.js';

/** Files that run at a time; most of their time they wait, for clocks and for the lab. */
const WORKERS = 3;

/** A lab that the integration tests of one worker share (`worker-lab.ts`). */
export interface ProvidedLab {
  /** Path of the kubeconfig of a user in `system:masters`. */
  readonly kubeconfig: string;
  readonly server: string;
  readonly dir: string;
  /** Path of the kubeconfig of each of `labUsers`, by name. */
  readonly users: Readonly<Record<string, string>>;
}

declare module 'vitest' {
  export interface ProvidedContext {
    labs: readonly ProvidedLab[];
  }
}

/** Starts a lab for each worker and ends them with the run. A lab that cannot start fails the run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const onProgress = (line: string): void => void process.stderr.write(`lab: ${line}\n`);
  // Here and not in the tests that run them: a build takes longer than any test may.
  await obtainAll(['envoy', 'coredns', 'openfga', 'prometheus-tools', 'oscal-models'], { onProgress });
  const labs: Lab[] = [];
  const stop = async (): Promise<void> => void (await Promise.all(labs.map((lab) => lab.stop())));
  try {
    while (labs.length < WORKERS) labs.push(await startLab({ users: labUsers, onProgress }));
    const missing = labs.flatMap(({ missingKinds }) => missingKinds);
    if (missing.length > 0) {
      throw new LabError(`the tests need the CRDs of ${missing.join(', ')}, for which Go must be on PATH once`);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  project.provide(
    'labs',
    labs.map((lab) => ({
      kubeconfig: lab.kubeconfig,
      server: lab.server,
      dir: lab.dir,
      users: Object.fromEntries(labUsers.map(({ name }) => [name, lab.kubeconfigFor(name)])),
    })),
  );
  return stop;
}
