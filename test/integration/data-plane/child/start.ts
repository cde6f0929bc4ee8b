import { startDataPlane } from '../../../../lab/data-plane/data-plane.js';

/** Starts a data plane, says where and waits to be killed. */
const { dir, lab } = await startDataPlane();
process.stdout.write(`${JSON.stringify({ dirs: [dir, lab.dir] })}\n`);
setInterval(() => undefined, 60_000);
