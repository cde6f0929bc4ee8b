import type { TestProject } from 'vitest/node';
import { startLab } from '../../lab/cluster.js';
import { LabError } from '../../lab/errors.js';
import { obtainAll } from '../../lab/obtain.js';
import { labUsers } from '../../lab/users.js';

/** The lab that all integration tests share: `inject('lab')`. */
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
    lab: ProvidedLab;
  }
}

/** Starts one lab for the whole run and ends it with the run. A lab that cannot start fails the run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const onProgress = (line: string): void => void process.stderr.write(`lab: ${line}\n`);
  // Here and not in the tests that run them: a build takes longer than any test may.
  await obtainAll(['envoy', 'coredns', 'openfga'], { onProgress });
  const lab = await startLab({ users: labUsers, onProgress });
  if (lab.missingKinds.length > 0) {
    await lab.stop();
    throw new LabError(`the tests need the CRDs of ${lab.missingKinds.join(', ')}, for which Go must be on PATH once`);
  }
  project.provide('lab', {
    kubeconfig: lab.kubeconfig,
    server: lab.server,
    dir: lab.dir,
    users: Object.fromEntries(labUsers.map(({ name }) => [name, lab.kubeconfigFor(name)])),
  });
  return () => lab.stop();
}
