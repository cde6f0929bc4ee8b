import { startProcesses } from '../../../lab/processes.js';

// A program that starts two processes, says so and then waits to be killed: node parent.ts FOLDER keep|temporary|detach
const [folder = '', mode] = process.argv.slice(2);
const processes = await startProcesses(folder, { temporary: mode === 'temporary' });
await processes.start({ name: 'obedient', command: 'sleep', args: ['600'] });
await processes.start({ name: 'stubborn', command: 'sh', args: ['-c', 'trap "" TERM; while true; do sleep 1; done'] });
const pids = processes.pids();
if (mode === 'detach') await processes.detach();
process.stdout.write(`${JSON.stringify(pids)}\n`);
if (mode !== 'detach') setInterval(() => undefined, 1000);
