/** The Pulumi program's entry. Nothing is imported before the check, so that an old Node gets the message, not a stack. */
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(
    `Node ${process.versions.node} is too old: this program needs Node 24 or later. The pinned one comes with npm ci; run Pulumi through it, for example: npm exec -c 'pulumi up --stack ws-acme'\n`,
  );
  process.exit(1);
}

export default async (): Promise<Readonly<Record<string, unknown>>> => {
  const { deploy } = await import('./bridge/pulumi-program.js');
  return deploy();
};
