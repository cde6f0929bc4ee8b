import type { Level } from '../model/levels.js';
import type { Platform } from '../model/platform.js';
import type { Workspace } from '../model/workspace.js';
import { checkClusterIPs } from './cluster-ips.js';
import { withoutDigest, workspaceImages } from './digests.js';
import { ConfigError, renderPath, suggest, type Problem } from './messages.js';
import { duplicates, kindOf } from './parse.js';
import { parsePlatform } from './parse-platform.js';
import { parseWorkspace } from './parse-workspace.js';
import { readStackFile, stackNames, type RawStack } from './stack-file.js';

/** One stack with the platform facts it stands on. */
export type Stack =
  | { readonly kind: 'platform'; readonly platform: Platform }
  | { readonly kind: 'workspace'; readonly platform: Platform; readonly workspace: Workspace };

/** Every stack of a folder, checked against each other. */
export interface Stacks {
  readonly platform: Platform;
  readonly workspaces: readonly Workspace[];
}

export interface LoadOptions {
  /** Folder of the stack files. */
  readonly dir: string;
  /** Render this level instead of the config's, without its rollback or relax key. */
  readonly level?: Level;
  /** Takes the place of the file of the same stack: the config as Pulumi passes it to the program. */
  readonly replace?: RawStack;
}

/** Loads one stack. Throws ConfigError, with every problem found, before anything is rendered or changed. */
export function loadStack(stack: string, options: LoadOptions): Stack {
  const raw = options.replace?.stack === stack ? options.replace : readStackFile(options.dir, stack);
  const kind = kindOf(raw);
  const { platform, workspaces } = loadStacks({ ...options, ...(options.level && { levelOf: stack }) });
  if (kind === 'platform') {
    if (options.level !== undefined) {
      throw new ConfigError([
        {
          where: raw.where(['kind']),
          path: 'kind',
          message: `"${stack}" is the platform’s stack and has no level; leave out --level.`,
        },
      ]);
    }
    return { kind, platform };
  }
  const workspace = workspaces.find((candidate) => candidate.stack === stack);
  if (workspace === undefined) throw new Error(`stack ${stack} was read but not loaded`);
  return { kind, platform, workspace };
}

/** Loads all stacks of a folder and checks them against each other. */
export function loadStacks(options: LoadOptions & { readonly levelOf?: string }): Stacks {
  const raws = stackNames(options.dir).map((name) =>
    options.replace?.stack === name ? options.replace : readStackFile(options.dir, name),
  );
  if (options.replace && !raws.includes(options.replace)) raws.push(options.replace);
  const platforms = raws.filter((raw) => kindOf(raw) === 'platform');
  const [platformRaw, second] = platforms;
  if (platformRaw === undefined) {
    throw new ConfigError([
      { where: options.dir, path: 'kind', message: 'no stack of kind "platform". Every workspace stands on one.' },
    ]);
  }
  if (second !== undefined) {
    throw new ConfigError([
      {
        where: second.where(['kind']),
        path: 'kind',
        message: `a second platform stack, beside "${platformRaw.stack}".`,
      },
    ]);
  }
  const platform = parsePlatform(platformRaw);
  const loaded = raws
    .filter((raw) => raw !== platformRaw)
    .map((raw) => ({
      raw,
      workspace: parseWorkspace(raw, options.levelOf === raw.stack ? options.level : undefined),
    }));
  const problems = [...crossCheck(platform, platformRaw, loaded)];
  if (problems.length > 0) throw new ConfigError(problems);
  return { platform, workspaces: loaded.map(({ workspace }) => workspace) };
}

/** What no stack file can show alone. */
function* crossCheck(
  platform: Platform,
  platformRaw: RawStack,
  loaded: readonly { raw: RawStack; workspace: Workspace }[],
): Generator<Problem> {
  for (const { raw, workspace } of loaded) {
    const listed = platform.workspaces.find(({ id }) => id === workspace.id);
    if (listed === undefined) {
      const known = platform.workspaces.map(({ id }) => id);
      yield {
        where: raw.where(['workspace', 'id']),
        path: 'workspace.id',
        message: `workspace "${workspace.id}" is not listed in the platform’s "workspaces" (${platformRaw.where(['workspaces'])}). ${suggest(workspace.id, known)}`,
      };
    } else if (listed.namespace !== workspace.namespace) {
      yield {
        where: raw.where(['workspace', 'namespace']),
        path: 'workspace.namespace',
        message: `"${workspace.namespace}" is not where the platform places "${workspace.id}". Allowed: ${listed.namespace}.`,
      };
    }
    const { domain } = platform.cluster;
    for (const [index, { host }] of workspace.systemsOfRecord.entries()) {
      if (!host.endsWith(`.${domain}`)) continue;
      yield {
        where: raw.where(['systemsOfRecord', index, 'host']),
        path: `systemsOfRecord[${index}].host`,
        message: `"${host}" is a name of the cluster (${domain}). A system of record is outside of it.`,
      };
    }
    if (platform.requireDigests) {
      for (const { path, message } of withoutDigest(workspaceImages(workspace))) {
        yield { where: raw.where(path), path: renderPath(path), message };
      }
    }
    if (workspace.level !== 'routing' && platform.guards !== 'deny') {
      yield {
        where: raw.where(['enforcement', 'level']),
        path: 'enforcement.level',
        message: `"${workspace.level}" needs the platform’s guards to be "deny", they are "${platform.guards}" (${platformRaw.where(['guards'])}): admission that only warns can be walked around.`,
      };
    }
  }
  const claims = loaded.flatMap(({ raw, workspace }) =>
    workspace.agents.map(({ name }, index) => ({ raw, workspace, name, index })),
  );
  for (const { index, first, value } of duplicates(claims.map(({ name }) => name))) {
    const claim = claims[index]!;
    const earlier = claims[first]!;
    yield {
      where: claim.raw.where(['agents', claim.index, 'name']),
      path: `agents[${claim.index}].name`,
      message: `service account "${value}" is claimed by workspace "${earlier.workspace.id}" already (${earlier.raw.where(['agents', earlier.index, 'name'])}). Agent names are unique across workspaces.`,
    };
  }
  const ids = loaded.map(({ workspace }) => workspace.id);
  for (const { index, value, first } of duplicates(ids)) {
    yield {
      where: loaded[index]!.raw.where(['workspace', 'id']),
      path: 'workspace.id',
      message: `workspace "${value}" has a stack already: "${loaded[first]!.workspace.stack}".`,
    };
  }
  yield* checkClusterIPs(platform, platformRaw, loaded);
}
