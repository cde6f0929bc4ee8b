import type { KubeObject } from '../model/kube-object.js';
import { API_VERSION } from '../model/names.js';
import type { ApiServer } from './api-server.js';
import type { Config } from './config.js';
import type { Kind, Policies } from './policies.js';
import { watch } from './watch.js';

/** What an operator should read. */
export type Log = (level: 'info' | 'warning' | 'error', message: string) => void;

const PLURALS: Readonly<Record<Kind, string>> = {
  policies: 'workspacepolicies',
  relaxations: 'relaxations',
  models: 'authorizationmodels',
  onboarding: 'onboardings',
};

/** What follows from an object that cannot be read. */
const CONSEQUENCES: Readonly<Record<Exclude<Kind, 'policies'>, string>> = {
  relaxations: 'It relaxes nothing.',
  models: 'Workspaces that pin it are not decided about.',
  onboarding: 'No workspace is served without a policy.',
};

export interface FollowOptions {
  readonly api: ApiServer;
  readonly policies: Policies;
  readonly config: Pick<Config, 'policyNamespace' | 'contactSeconds'>;
  readonly signal: AbortSignal;
  readonly onLog: Log;
  /** Called for every object that has been taken in. */
  readonly onChange?: (object: KubeObject) => void;
}

/** Keeps the objects of one kind as the cluster has them, until `signal`; says once what goes wrong and when it is over. */
export function follow(kind: Kind, { api, policies, config, signal, onLog, onChange }: FollowOptions): Promise<void> {
  let failing: string | undefined;
  const complain = (name: string): void => {
    const why = policies.unreadable.get(`${kind}/${name}`);
    if (why === undefined) return;
    const consequence =
      kind !== 'policies'
        ? CONSEQUENCES[kind]
        : policies.tryPolicy(name) === undefined
          ? 'The workspace is refused.'
          : 'Its last good version stays, and every control enforces.';
    onLog('error', `${why} ${consequence}`);
  };
  return watch(
    api,
    {
      replace: (objects) => {
        policies.replace(kind, objects);
        onLog('info', `${objects.length} ${PLURALS[kind]} listed`);
        for (const object of objects) {
          complain(object.metadata.name);
          onChange?.(object);
        }
      },
      put: (object) => {
        policies.put(kind, object);
        complain(object.metadata.name);
        onChange?.(object);
      },
      remove: (name) => policies.remove(kind, name),
      heard: () => {
        policies.heard(kind);
        if (failing !== undefined) onLog('info', `watching ${PLURALS[kind]} again`);
        failing = undefined;
      },
      failed: (error) => {
        const message = error instanceof Error ? error.message : String(error);
        if (failing !== message) onLog('warning', `cannot watch ${PLURALS[kind]}: ${message}`);
        failing = message;
      },
    },
    {
      path: `/apis/${API_VERSION}/namespaces/${config.policyNamespace}/${PLURALS[kind]}`,
      // Three chances to be heard of before contact counts as lost.
      seconds: Math.max(1, Math.floor(config.contactSeconds / 3)),
      signal,
    },
  );
}
