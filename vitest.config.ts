import { defineConfig } from 'vitest/config';
import LongFirst from './test/support/long-first.js';

// Where `CI` is set the program colours what it prints, and tests read it as text.
const env = { NO_COLOR: '1' };

export default defineConfig({
  test: {
    reporters: ['default', './test/support/closing-line.ts'],
    sequence: { sequencer: LongFirst },
    // One group after the other: the real servers and their clocks want the machine for themselves.
    projects: [
      {
        test: {
          name: 'unit',
          env,
          include: ['test/**/*.test.ts'],
          exclude: ['test/integration/**'],
          sequence: { groupOrder: 0 },
          // Pure modules, nothing to keep apart: each is loaded once a worker, not once a file.
          isolate: false,
          maxWorkers: 2,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'integration',
          env,
          include: ['test/integration/**/*.test.ts'],
          globalSetup: './test/integration/global-setup.ts',
          sequence: { groupOrder: 1 },
          // A process for each file took 2 min 49 s of processor more, to load the same modules.
          isolate: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
          maxWorkers: 3,
        },
      },
    ],
  },
});
