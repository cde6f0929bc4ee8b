/** The engine stopped. `message` is for people: what the engine said, and what to do where that is known. */
export class PulumiFailed extends Error {
  override readonly name = 'PulumiFailed';
  constructor(
    readonly ofStack: string,
    readonly reason: 'locked' | 'no such stack' | 'failed',
    message: string,
  ) {
    super(message);
  }
}

/** What the Automation API threw, in words that say what to do; any other error as it is. */
export async function failure(stack: string, error: unknown): Promise<unknown> {
  const { CommandError, ConcurrentUpdateError, StackNotFoundError } =
    await import('@pulumi/pulumi/automation/index.js');
  if (!(error instanceof CommandError)) return error;
  if (error instanceof ConcurrentUpdateError) {
    return new PulumiFailed(
      stack,
      'locked',
      `stack "${stack}" is being updated by another process. Wait for it, or, if it is dead for certain, release the lock with: pulumi cancel --stack ${stack}. The path without a backend is: npm run -s enforce -- apply --stack ${stack}`,
    );
  }
  if (error instanceof StackNotFoundError) {
    return new PulumiFailed(stack, 'no such stack', `the backend has no stack "${stack}".`);
  }
  return new PulumiFailed(stack, 'failed', `pulumi stopped on stack "${stack}":\n${diagnosticsOf(error.message)}`);
}

/** The engine's own error lines; all it printed when there are none. */
export function diagnosticsOf(output: string): string {
  const [, diagnostics = output] = output.split(/^Diagnostics:$/m);
  const [text = ''] = diagnostics.split(/^(?:Outputs|Resources|Duration):/m);
  return text
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^\s*(warning|info):/.test(line))
    .join('\n')
    .trimEnd();
}
