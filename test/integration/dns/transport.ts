import { createSocket } from 'node:dgram';
import { connect } from 'node:net';

const MILLISECONDS = 5000;

/** Sends one message over UDP and resolves with the first one that comes back. */
export function overUdp(port: number, message: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      socket.close();
      settle();
    };
    const timer = setTimeout(() => end(() => reject(new Error('no answer over UDP'))), MILLISECONDS);
    socket.once('error', (error) => end(() => reject(error)));
    socket.once('message', (received) => end(() => resolve(received)));
    socket.send(message, port, '127.0.0.1');
  });
}

/** The same over TCP, where each message follows its length (RFC 1035, 4.2.2). */
export function overTcp(port: number, message: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.setTimeout(MILLISECONDS, () => socket.destroy(new Error('no answer over TCP')));
    socket.once('error', reject);
    socket.once('connect', () => socket.write(framed(message)));
    let received = Buffer.alloc(0);
    socket.on('data', (data) => {
      received = Buffer.concat([received, data]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      socket.end();
      resolve(received.subarray(2, 2 + received.readUInt16BE(0)));
    });
  });
}

export function framed(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}
