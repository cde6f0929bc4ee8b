import type { Platform } from '../model/platform.js';
import { hasDigest } from '../model/image-version.js';
import type { Workspace } from '../model/workspace.js';

type Configured = readonly [path: readonly PropertyKey[], image: string];

/** Every image of the platform's config, with its path. */
export const platformImages = ({
  agentDns,
  sidecar,
  spire,
}: Pick<Platform, 'agentDns' | 'sidecar' | 'spire'>): readonly Configured[] => [
  [['agentDns', 'image'], agentDns.image],
  ...Object.entries(sidecar).map(([name, image]): Configured => [['sidecar', name], image]),
  ...Object.entries(spire.images).map(([name, image]): Configured => [['spire', 'images', name], image]),
];

/** Every image of a workspace's config, with its path. */
export const workspaceImages = ({ agents }: Workspace): readonly Configured[] =>
  agents.map(({ image }, index) => [['agents', index, 'image'], image]);

/** Those without a digest, each with what is to be said of it. */
export const withoutDigest = (
  images: readonly Configured[],
): readonly { path: readonly PropertyKey[]; message: string }[] =>
  images
    .filter(([, image]) => !hasDigest(image))
    .map(([path, image]) => ({
      path,
      message: `"${image}" names no digest, and the platform requires digests (requireDigests). Append "@sha256:…" of the image that was reviewed.`,
    }));
