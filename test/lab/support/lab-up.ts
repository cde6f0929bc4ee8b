import { labUp } from '../../../lab/background.js';

// A program that starts the lab in the background, says so and ends.
process.stdout.write(`${JSON.stringify(await labUp({ dir: process.argv[2] ?? '' }))}\n`);
