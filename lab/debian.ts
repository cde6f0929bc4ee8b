import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Origin } from './origin.js';

/**
 * Packages of Debian, unpacked into one folder: nothing is installed, and apt's own lists and caches stay as they are.
 * What the machine has already is not fetched again. Apt checks the signatures of the archive that the machine trusts.
 */
const unpack = `
set -eu
mkdir -p "$1/lists/partial" "$1/archives/partial" "$1/root"
chmod 755 "$1"
options="-o Dir::State::lists=$1/lists -o Dir::Cache=$1 -o Dir::Cache::archives=$1/archives -o Debug::NoLocking=1 -o APT::Sandbox::User=root"
apt-get $options --error-on=any update
apt-get $options install --download-only --yes --no-install-recommends $(cat "$2")
for package in "$1"/archives/*.deb; do dpkg -x "$package" "$1/root"; done
if [ -e "$1/root/usr/sbin/xtables-nft-multi" ]; then
  for name in iptables iptables-save iptables-restore ip6tables ip6tables-save ip6tables-restore; do
    ln -sf xtables-nft-multi "$1/root/usr/sbin/$name"
  done
fi
`;

export const debianPackages: Origin = {
  pins: ['packages.txt'],
  settings: [unpack],
  doing: 'downloading',
  done: 'downloaded',
  measured: '',
  async whyNot(_folder, env) {
    try {
      await promisify(execFile)('apt-get', ['--version'], { env });
      return undefined;
    } catch {
      return 'no `apt-get` is on PATH';
    }
  },
  alternatives: () => ['a Debian (12 or newer) with apt-get, and root, who may use it.'],
  recipe: (_what, folder, target, env) => ({
    command: 'sh',
    args: ['-c', unpack, 'unpack', target, join(folder, 'packages.txt')],
    env: { ...env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
    binary: join(target, 'root'),
  }),
};
