import { startProcesses } from '../../../lab/processes.js';

// A program that starts a process and ends without a word about it: it must be able to end, and the process with it.
const processes = await startProcesses(process.argv[2] ?? '');
await processes.start({ name: 'forgotten', command: 'sleep', args: ['600'] });
process.stdout.write(`${JSON.stringify(processes.pids())}\n`);
