import { connect } from 'node:net';
import type { Attempt, Outcome } from './round.js';

const NETWORK_SAYS_NO = ['EHOSTUNREACH', 'ENETUNREACH', 'EACCES', 'EPERM'];

/** Tries to connect over TCP. Never rejects. @param target `address:port`, an IPv6 address in brackets */
export function attempt(target: string, milliseconds: number): Promise<Attempt> {
  const colon = target.lastIndexOf(':');
  const host = target.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(target.slice(colon + 1)) });
    const end = (outcome: Outcome): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ target, outcome });
    };
    const timer = setTimeout(() => end('is silent'), milliseconds);
    socket.on('connect', () => end('answers'));
    socket.on('error', ({ code = '' }: NodeJS.ErrnoException) => {
      if (code === 'ECONNREFUSED' || code === 'ECONNRESET') return end('refuses');
      end(
        code === 'ETIMEDOUT' ? 'is silent' : NETWORK_SAYS_NO.includes(code) ? 'is unreachable' : 'could not be tried',
      );
    });
  });
}
