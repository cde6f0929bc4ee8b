import { tryVersion } from './image-version.js';

/**
 * Why agents of one image cannot work with servers of the other; undefined where they can or where a tag does not say.
 * Source: SPIRE, doc/upgrading.md: agents are never newer than the server and at most one minor version older.
 */
export function versionSkew(images: { readonly server: string; readonly agent: string }): string | undefined {
  const server = tryVersion(images.server);
  const agent = tryVersion(images.agent);
  if (server === undefined || agent === undefined) return undefined;
  const older = server[0] === agent[0] ? server[1] - agent[1] : Number.NaN;
  if ((older === 0 && agent[2] <= server[2]) || older === 1) return undefined;
  return `an agent of version ${agent.join('.')} does not work with a server of version ${server.join('.')}: agents are never newer than the server and at most one minor version older.`;
}
