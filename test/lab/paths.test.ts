import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { backgroundFolder, cacheFolder, serverFolders } from '../../lab/paths.js';
import { serverSources } from '../../lab/servers.js';

describe('the folders of the lab', () => {
  it('are where the system keeps caches and states', () => {
    expect(cacheFolder({})).toBe(join(homedir(), '.cache', 'portarium-lab'));
    expect(cacheFolder({ XDG_CACHE_HOME: '/cache' })).toBe('/cache/portarium-lab');
    expect(backgroundFolder({})).toBe(join(homedir(), '.local', 'state', 'portarium-lab'));
    expect(backgroundFolder({ XDG_STATE_HOME: '/state' })).toBe('/state/portarium-lab');
    expect(backgroundFolder({ XDG_STATE_HOME: '/state', PORTARIUM_LAB_DIR: '/mine' })).toBe('/mine');
  });

  it('hold what pins the source of every server', () => {
    const files = serverSources.flatMap(({ folder, origin }) =>
      origin.pins.map((file) => join(serverFolders(), folder, file)),
    );
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
  });
});
