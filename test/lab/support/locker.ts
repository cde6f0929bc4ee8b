import { withLock } from '../../../lab/lock.js';

// A program that takes a lock, says so and never gives it back.
await withLock(process.argv[2] ?? '', () => {
  process.stdout.write('"locked"\n');
  return new Promise(() => setInterval(() => undefined, 1000));
});
