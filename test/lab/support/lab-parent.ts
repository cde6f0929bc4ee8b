import { startLab } from '../../../lab/cluster.js';

// A program that starts a lab, says so and then waits to be killed.
const lab = await startLab();
process.stdout.write(`${JSON.stringify({ dir: lab.dir, pids: lab.pids() })}\n`);
setInterval(() => undefined, 1000);
