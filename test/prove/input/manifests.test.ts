import { describe, expect, it } from 'vitest';
import { readManifests } from '../../../src/prove/input/manifests.js';

const read = (text: string, name = 'all.yaml') => readManifests([{ name, text }]);
const names = (text: string, file?: string) => read(text, file).manifests.map(({ object }) => object.metadata?.name);
const pod = (name: string, rest = ''): string => `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\n${rest}`;

describe('manifests', () => {
  it('are the objects of every document and of every list, each with its line', () => {
    const text = `# a comment\n---\n${pod('one')}---\n\n---\napiVersion: v1\nkind: PodList\nitems:\n- metadata:\n    name: two\n- metadata: {name: three}\n`;
    const { manifests, notEvaluated } = read(text);
    expect(
      manifests.map(({ object: { kind, metadata }, origin }) => [kind, metadata?.name, origin.lineOf([])]),
    ).toEqual([
      ['Pod', 'one', 3],
      ['Pod', 'two', 13],
      ['Pod', 'three', 15],
    ]);
    expect(notEvaluated).toEqual([]);
    expect(manifests[1]!.origin.lineOf(['metadata', 'name'])).toBe(14);
    // Of a field that is not there, the line of what is.
    expect(manifests[1]!.origin.lineOf(['metadata', 'labels', 'app'])).toBe(13);
  });

  it('may be JSON, and JSON in which a key is there twice is refused', () => {
    const json = '{"apiVersion":"v1","kind":"Pod",\n"metadata":{"name":"one","labels":{"a\\"b: c":"\\": x"}}}';
    expect(names(json, 'one.json')).toEqual(['one']);
    expect(() => names(json.replace('"name"', '\n"labels":{},"name"'), 'one.json')).toThrow(
      'one.json:3: Map keys must be unique',
    );
  });

  it.each([
    ['half-written', `${pod('one')}spec:\n  containers: [\n`, /^all\.yaml:6: Flow sequence/],
    ['twice a key', `${pod('one')}kind: Job\n`, /^all\.yaml:5: Map keys must be unique/],
    ['a template', `${pod('one')}spec: {{ .Values.spec }}x: y\n`, /^all\.yaml:5: .*render it first/],
    ['a tag', `${pod('one')}spec: !secret x\n`, /^all\.yaml:5: Unresolved tag: !secret/],
    [
      'no kind',
      'apiVersion: v1\nmetadata: {name: x}\n',
      'all.yaml:1: expected a Kubernetes object, but it has no kind',
    ],
    [
      'a group that has no such kind',
      'apiVersion: apps/v1\nkind: Pod\nmetadata: {name: x}\n',
      'all.yaml:1: Pod x: apiVersion: expected v1, found apps/v1',
    ],
    [
      'no name',
      'apiVersion: v1\nkind: Pod\nmetadata:\n  generateName: x-\n',
      'all.yaml:3: Pod (no name): metadata.name: expected text, found nothing',
    ],
    [
      'a number for a namespace',
      'apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\n  namespace: 7\n',
      'all.yaml:5: Pod (no name): metadata.namespace: expected text, found 7',
    ],
    [
      'a list of nothing',
      'apiVersion: v1\nkind: List\nitems:\n- \n',
      'all.yaml:4: expected a Kubernetes object, found nothing',
    ],
    [
      'a list that is none',
      'apiVersion: v1\nkind: List\nitems: 5\n',
      'all.yaml:3: List: items: expected a list, found 5',
    ],
  ])('with %s are refused, with file and line', (_, text, message) => {
    expect(() => read(text)).toThrow(message);
  });

  it('that repeat themselves without end are refused', () => {
    const rows = Array.from(
      { length: 9 },
      (_, i) => `  ${'bcdefghij'[i]}: &${'bcdefghij'[i]} [${Array(9).fill(`*${'abcdefghi'[i]}`).join(', ')}]`,
    );
    expect(() => read(`${pod('bomb')}spec:\n  a: &a [x, x, x]\n${rows.join('\n')}\n`)).toThrow(
      'all.yaml:1: Excessive alias count indicates a resource exhaustion attack',
    );
  });

  it('that are nested without end are refused', () => {
    expect(() => read(`${pod('deep')}spec: ${'['.repeat(100_000)}`)).toThrow(/^all\.yaml:\d+: /);
  });

  it('read as kubectl reads them: yes is a boolean, a date and a time are text', () => {
    const { manifests } = read(pod('one', '  labels: {a: yes, b: 2026-01-01, c: 12:30, d: "on"}\n'));
    expect(manifests[0]!.object.metadata).toMatchObject({ labels: { a: true, b: '2026-01-01', c: '12:30', d: 'on' } });
  });

  it('need not be indented inside brackets and quotes, as for kubectl', () => {
    const text = pod(
      'one',
      'spec:\n  args:\n    [\n      "a",\n\t    "b"\n    ]\n  config: \'{\n      "x": 1\n  }\'\n  last: 1\n',
    );
    expect(read(text).manifests[0]!.object).toMatchObject({
      spec: { args: ['a', 'b'], config: '{ "x": 1 }', last: 1 },
    });
  });

  it.each([
    ['values.yaml', 'image:\n  tag: 1\n', 'has neither apiVersion nor kind, so it is not a Kubernetes object'],
    [
      'kustomization.yaml',
      'apiVersion: kustomize.config.k8s.io/v1\nkind: Kustomization\n',
      'is to be rendered first (kubectl kustomize)',
    ],
    ['rows.json', '[1]', 'is a list, not a Kubernetes object'],
    ['empty.yaml', '', 'holds no object'],
    ['comment.yaml', '---\n# nothing\n', 'holds no object'],
  ])('%s is not an object, and is named', (name, text, reason) => {
    expect(read(text, name)).toEqual({ manifests: [], notEvaluated: [{ kind: 'file', name: `${name}:1`, reason }] });
  });

  it('may be there twice if they are equal; else both places are named', () => {
    const two = (kind: string, other: string) =>
      readManifests(
        ['one', other].map((label, i) => ({
          name: `${i}.yaml`,
          text: `\napiVersion: v1\nkind: ${kind}\nmetadata: {name: x${i === 0 ? '' : ', namespace: default'}, labels: {l: ${label}}}\n`,
        })),
      );
    expect(() => two('Pod', 'two')).toThrow('1.yaml:2: Pod default/x is already at 0.yaml:2; keep one');
    expect(two('Service', 'two')).toMatchObject({
      manifests: [{ object: { kind: 'Service' } }],
      notEvaluated: [{ kind: 'Service', name: 'x', reason: 'is at 0.yaml:2 and, different, at 1.yaml:2' }],
    });
    const same = { name: 'a.yaml', text: pod('x') };
    expect(readManifests([same, { ...same, name: 'b.yaml' }])).toMatchObject({ manifests: [{}], notEvaluated: [] });
  });
});
