/**
 * Asks for a URL until it is answered with 200, as the kubelet's probes do, alone (no imports of ours).
 * `answers.js URL MILLISECONDS`; ends with exit code 1 when it is not in time.
 */
import { request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';

const [url = '', milliseconds = ''] = process.argv.slice(2);

const ask = (): Promise<number> =>
  new Promise((resolve) => {
    const request = url.startsWith('https:') ? overHttps : overHttp;
    // Whether it is up, not who it is: the kubelet does not verify either.
    const sent = request(url, { rejectUnauthorized: false, agent: false, timeout: 2000 }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
    });
    sent.on('timeout', () => sent.destroy());
    sent.on('error', () => resolve(0));
    sent.end();
  });

const deadline = performance.now() + Number(milliseconds);
let status = await ask();
while (status !== 200 && performance.now() < deadline) {
  await new Promise((resolve) => setTimeout(resolve, 50));
  status = await ask();
}
process.exitCode = status === 200 ? 0 : 1;
