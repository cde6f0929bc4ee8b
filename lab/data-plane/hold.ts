/**
 * Keeps one TCP connection to a server that returns what it is sent, alone (no imports of ours). `hold.js ADDRESS PORT
 * MILLISECONDS` sends a byte so often and prints the time of each that came back, in milliseconds since 1970.
 */
import { connect } from 'node:net';

const [address = '', port = '', every = ''] = process.argv.slice(2);
const socket = connect({ host: address, port: Number(port) });
socket.setNoDelay(true);
socket.on('data', () => process.stdout.write(`${performance.timeOrigin + performance.now()}\n`));
socket.on('error', (error) => process.stderr.write(`${error.message}\n`));
socket.on('connect', () => setInterval(() => socket.write('.'), Number(every)));
