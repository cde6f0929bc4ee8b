import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The user of the pods (`src/constructs/restricted.ts`). */
export const SANDBOX_USER = 65532;

export interface Sandbox {
  /** Files from outside, by their path inside. */
  readonly files: Readonly<Record<string, string>>;
  /** Folders at their own path that it may read, with all that is in them then and later. @default none */
  readonly readable?: readonly string[];
  /** Folders that it may write to, at their own path. @default none */
  readonly writable?: readonly string[];
  /** A small /tmp of memory. @default false */
  readonly tmp?: boolean;
  /** Its environment, beside PATH. @default nothing */
  readonly env?: Readonly<Record<string, string>>;
}

const SETUP = `
set -e
root=$1; shift
mount --make-rprivate /
mount -t tmpfs -o size=16m,mode=755 root "$root"
mkdir "$root/proc" "$root/dev" "$root/tmp"
# The C library and its loader; whatever else stands there, no module of Node is found from a folder beside it.
for dir in /lib /lib64; do
  [ -e "$dir" ] || continue
  mkdir "$root$dir"; mount --bind "$dir" "$root$dir"; mount -o remount,bind,ro "$root$dir"
done
mount --bind /proc "$root/proc"
for device in null urandom; do touch "$root/dev/$device"; mount --bind "/dev/$device" "$root/dev/$device"; done
while [ "$1" != -- ]; do
  kind=$1; from=$2; to=$root$3; shift 3
  case $kind in
    file) mkdir -p "$(dirname "$to")"; touch "$to"; mount --bind "$from" "$to"; mount -o remount,bind,ro "$to" ;;
    dir) mkdir -p "$to"; mount --bind "$from" "$to"; mount -o remount,bind,ro "$to" ;;
    writable) mkdir -p "$to"; mount --bind "$from" "$to" ;;
    tmp) mount -t tmpfs -o size=1m,mode=1777 tmp "$to" ;;
  esac
done
shift
mount -o remount,bind,ro "$root"
exec setpriv --no-new-privs chroot --userspec=${SANDBOX_USER}:${SANDBOX_USER} --groups= "$root" "$@"
`;

/** Whether this user may make one: mounts in a namespace of its own, which needs root. */
export const maySandbox =
  process.getuid?.() === 0 &&
  spawnSync('unshare', ['--mount', 'sh', '-c', 'mount --make-rprivate / && command -v setpriv chroot']).status === 0;

/**
 * The command that runs a program as a container of a `restricted` pod with a read-only root: as another user without
 * privileges, with nothing to see but the files given and the C library, and nothing to write to but what is named.
 * `remove` takes the empty folder away again; the mounts end with the program.
 */
export function sandboxed(
  { files, readable = [], writable = [], tmp = false, env = {} }: Sandbox,
  program: readonly string[],
): { readonly command: readonly string[]; remove(): void } {
  const root = mkdtempSync(join(tmpdir(), 'sandbox-'));
  const mounts = [
    // First: what is given may stand below it.
    ...(tmp ? ['tmp', 'tmp', '/tmp'] : []),
    ...Object.entries(files).flatMap(([inside, outside]) => ['file', outside, inside]),
    ...readable.flatMap((folder) => ['dir', folder, folder]),
    ...writable.flatMap((folder) => ['writable', folder, folder]),
  ];
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return {
    command: [
      ...['env', '-i', `PATH=${process.env['PATH']}`, ...variables],
      ...['unshare', '--mount', 'sh', '-c', SETUP, 'sandbox', root, ...mounts, '--', ...program],
    ],
    remove: () => rmdirSync(root),
  };
}
