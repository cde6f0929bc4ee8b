import { chmodSync, existsSync, globSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { obtain, type ObtainOptions } from './obtain.js';

/** Path of a Chromium that can be started: from PATH, else Debian's package as the lab keeps it. */
export async function obtainChromium(options: ObtainOptions = {}): Promise<string> {
  const { path } = await obtain('chromium', options);
  return statSync(path).isDirectory() ? launcherIn(path) : path;
}

/** Debian's program looks for its libraries where they would be installed, so it is started with the place where they are. */
function launcherIn(root: string): string {
  const launcher = join(root, 'chromium');
  if (existsSync(launcher)) return launcher;
  const libraries = globSync(['usr/lib/*-linux-gnu*', 'usr/lib/*-linux-gnu*/pulseaudio'], { cwd: root }).map((folder) =>
    join(root, folder),
  );
  const text = [
    '#!/bin/sh',
    `export LD_LIBRARY_PATH="${libraries.join(':')}"`,
    `[ -e /etc/fonts/fonts.conf ] || export FONTCONFIG_PATH="${join(root, 'etc/fonts')}"`,
    `exec "${join(root, 'usr/lib/chromium/chromium-headless-shell')}" "$@"`,
  ];
  writeFileSync(launcher, `${text.join('\n')}\n`);
  chmodSync(launcher, 0o755);
  return launcher;
}
