import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cacheKey, obtain, obtainAll } from '../../lab/obtain.js';
import { LabError } from '../../lab/errors.js';

/** A Go that answers its version, and "builds" by writing a file; what it was called with is in `calls`. */
const fakeGo = `#!/bin/sh
echo "$*" >> "$CALLS"
if [ "$1" = env ]; then echo go1.26.8; exit 0; fi
echo "compiling $CGO_ENABLED $GOWORK"
[ -z "$FAIL" ] || { echo "undefined: thing" >&2; echo half > "$6"; exit 1; }
[ -z "$SLOW" ] || read line < "$SLOW"
echo built > "$6"
`;

let folder: string;
let env: NodeJS.ProcessEnv;
let lines: string[];
const onProgress = (line: string): number => lines.push(line);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'portarium-obtain-'));
  lines = [];
  for (const name of ['bin', 'modules/etcd', 'modules/kwok', 'cache'])
    mkdirSync(join(folder, name), { recursive: true });
  for (const name of ['etcd', 'kwok'])
    writeFileSync(join(folder, 'modules', name, 'go.mod'), `module ${name}\n\ngo 1.26.0\n`);
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
  return { env: { ...env, ...extra }, onProgress, modules: join(folder, 'modules') };
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
    writeFileSync(join(folder, 'modules/etcd/go.sum'), 'another\n');
    const after = await obtain('etcd', options());
    expect(after.from).toBe('built');
    expect(after.path).not.toBe(before.path);
  });

  it('leaves nothing behind when a build fails, shows the end of its output, and tries again next time', async () => {
    executable('go', fakeGo);
    await expect(obtain('etcd', options({ FAIL: '1' }))).rejects.toThrow(
      new LabError(
        'etcd: building go.etcd.io/etcd/server/v3 in lab/servers/etcd failed, go ended with exit code 1:\n' +
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

  it('has a key per module content', () => {
    expect(cacheKey(join(folder, 'modules/etcd'))).not.toBe(cacheKey(join(folder, 'modules/kwok')));
    expect(cacheKey(join(folder, 'modules/etcd'))).toMatch(/^[0-9a-f]{16}$/);
  });
});
