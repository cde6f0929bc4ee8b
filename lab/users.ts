/** A user of the lab's API server, known by a static token. */
export interface LabUser {
  readonly name: string;
  readonly groups: readonly string[];
}

/** The people and pipelines of the tests and the demo. None has any right by itself: what a test binds, it has. */
export const labUsers: readonly LabUser[] = [
  { name: 'platform-deployer', groups: ['portarium:platform-deployers'] },
  { name: 'ws-acme-deployer', groups: ['portarium:deployers', 'portarium:deployers:ws-acme'] },
  { name: 'ws-globex-deployer', groups: ['portarium:deployers', 'portarium:deployers:ws-globex'] },
  { name: 'alice', groups: ['portarium:operators'] },
  { name: 'bob', groups: ['portarium:approvers'] },
  { name: 'carol', groups: ['portarium:approvers'] },
  { name: 'dana', groups: ['portarium:allowlist-admins'] },
  { name: 'breakglass', groups: ['portarium:break-glass'] },
  { name: 'mallory', groups: [] },
];
