import { describe, expect, test } from 'vitest';
import { forEachLimited } from '../../src/bridge/apply-limit.js';

const tick = () => new Promise((resolve) => setTimeout(resolve, 1));

describe('forEachLimited', () => {
  test('does every item, in order of start, never more than the limit at a time', async () => {
    const items = Array.from({ length: 20 }, (_, index) => index);
    const started: number[] = [];
    let running = 0;
    let most = 0;
    await forEachLimited(items, 3, async (item) => {
      started.push(item);
      most = Math.max(most, (running += 1));
      await tick();
      running -= 1;
    });
    expect(started).toEqual(items);
    expect(most).toBe(3);
  });

  test('starts nothing after the first failure, and rejects with it when all under way has ended', async () => {
    const started: number[] = [];
    const ended: number[] = [];
    const work = forEachLimited([0, 1, 2, 3, 4, 5], 2, async (item) => {
      started.push(item);
      await tick();
      if (item === 0) throw new Error('first');
      await tick();
      ended.push(item);
    });
    await expect(work).rejects.toThrow('first');
    expect(started).toEqual([0, 1]);
    expect(ended).toEqual([1]);
  });

  test('nothing to do is done', async () => {
    await forEachLimited([], 3, () => Promise.reject(new Error('never')));
  });
});
