import type { k8s } from 'cdk8s-plus-28';
import { literal } from './cel.js';
import type { Refusal } from './guard.js';

const ORDER = ['first', 'second'] as const;
const TAKE_IT = 'Take it as the stack renders it, or deploy the stack, which patches it into its Deployment.';

/** A mount in one text; the platform's have no sub-path, so that one with any equals none of them. */
const MOUNT =
  'mount.name + " " + mount.mountPath + (mount.?readOnly.orValue(false) ? " ro" : " rw") + mount.?subPath.orValue("") + mount.?subPathExpr.orValue("")';
const mountText = ({ name, mountPath, readOnly }: k8s.VolumeMount): string =>
  `${name} ${mountPath} ${readOnly === true ? 'ro' : 'rw'}`;

/**
 * What holds one rendered init container in the variable `inits`: its place, what it runs, and all that it is given.
 * Three refusals, so that the message says which is wrong; the last two are silent where the first speaks.
 *
 * Left open is what can only stop it: resources, ports, probes that run nothing inside, where its last message goes.
 */
export function pinnedContainer(container: k8s.Container, index: 0 | 1): readonly Refusal[] {
  const { name } = container;
  const what = container.restartPolicy === 'Always' ? `sidecar ${name}` : name;
  const at = `variables.inits[${index}]`;
  const isThere = `variables.inits.size() > ${index} && ${at}.name == ${literal(name)}`;
  const is = (...all: readonly string[]): string => `!(${isThere}) || (${all.join(' && ')})`;
  const mounts = (container.volumeMounts ?? []).map(mountText);
  return [
    {
      expression: isThere,
      message: `The ${ORDER[index]} init container of this pod must be the ${what}. ${TAKE_IT}`,
    },
    {
      expression: is(
        `${at}.image == ${literal(container.image ?? '')}`,
        `${at}.?command.orValue([]) == ${literal(container.command ?? [])}`,
        `${at}.?args.orValue([]) == ${literal(container.args ?? [])}`,
        `${at}.?workingDir.orValue("") == ""`,
        `${at}.?restartPolicy.orValue("") == ${literal(container.restartPolicy ?? '')}`,
      ),
      message: `Image, command, arguments and restart policy of the ${what} are the platform's (portarium:sidecar). ${TAKE_IT}`,
    },
    {
      expression: is(
        `${at}.?env.orValue([]).size() == 0`,
        `${at}.?envFrom.orValue([]).size() == 0`,
        `!has(${at}.lifecycle)`,
        ...['startupProbe', 'livenessProbe', 'readinessProbe'].map((probe) => `!${at}.?${probe}.?exec.hasValue()`),
        `${at}.?volumeDevices.orValue([]).size() == 0`,
        `sets.equivalent(${at}.?volumeMounts.orValue([]).map(mount, ${MOUNT}), ${literal(mounts)})`,
      ),
      message:
        `The ${what} has no environment, hooks or probes that run something, and ${mounts.length === 0 ? 'no mounts' : `exactly these mounts: ${mounts.join(', ')}`}. ` +
        'A mounted service account token is one more: set automountServiceAccountToken to false.',
    },
  ];
}
