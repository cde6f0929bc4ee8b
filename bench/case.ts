import { measure } from './cases.js';

/** One case in a process of its own: `case.js NAME COUNT LIMIT`, what it took as JSON. */
const [name = '', count, limit] = process.argv.slice(2);
process.stdout.write(JSON.stringify(measure(name, Number(count), Number(limit))));
