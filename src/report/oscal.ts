import { createHash } from 'node:crypto';
import { canonicalJson } from '../model/canonical.js';
import type { Mapping } from './mapping.js';
import type { Report } from './report.js';
import type { Section } from './section.js';
import { uuid5 } from './uuid.js';

export const OSCAL_VERSION = '1.2.1';
/** Of every UUID in an export; made once. */
const NAMESPACE = '6f1d0f6e-0c1e-5d0c-9a53-2b6f0c0f6a57';
const NS = 'https://portarium.io/ns/oscal';

/**
 * The report as OSCAL assessment results, canonical JSON. OSCAL knows `satisfied` and `not-satisfied` only: what is
 * inconclusive is not satisfied, with the reason.
 *
 * @param reportText the bytes of report.json, from whose hash every UUID follows
 */
export function renderOscal(report: Report, reportText: string): string {
  const digest = createHash('sha256').update(reportText).digest('hex');
  const id = (name: string): string => uuid5(NAMESPACE, `${digest} ${name}`);
  const { subject, period, madeAt, tool, sections, mapping, limits, evidence, manifests } = report;
  const resources = [
    { file: 'report.json', sha256: digest, title: 'The report that these results are made from' },
    ...evidence.map(({ file, sha256 }) => ({ file: `evidence/${file}`, sha256, title: `Evidence: ${file}` })),
    ...Object.entries(manifests).map(([file, sha256]) => ({ file, sha256, title: `Manifests as rendered: ${file}` })),
  ];
  const plan = id('plan');
  const controls = controlsOf(mapping);
  return `${canonicalJson({
    'assessment-results': {
      uuid: id('results'),
      metadata: {
        title: line(`Enforcement of workspace ${subject.workspaceId}`),
        'last-modified': madeAt,
        version: digest,
        'oscal-version': OSCAL_VERSION,
        remarks: `Made by ${tool.name} ${tool.version}. Evidence for the controls named, no statement that they are met.`,
      },
      'import-ap': { href: `#${plan}` },
      results: [
        {
          uuid: id('result'),
          title: line(`${subject.workspaceId}: ${report.verdict}`),
          description: report.headline,
          start: period.from,
          end: period.until,
          props: [
            prop('verdict', report.verdict),
            prop('policy-hash', report.level.policyHash),
            prop('level', report.level.own),
            prop('effective-level', report.level.effective),
          ],
          'reviewed-controls': {
            'control-selections': [{ 'include-controls': controls.map(({ control }) => ({ 'control-id': control })) }],
          },
          observations: sections.map((section) => observation(section, report, id)),
          findings: controls.map((control) => finding(control, report, id)),
          remarks: limits.join('\n\n'),
        },
      ],
      'back-matter': {
        resources: [
          {
            uuid: plan,
            title: 'Assessment plan',
            description:
              'There is no assessment plan in OSCAL: what is assessed, and how, is fixed by the program (docs/report.md).',
          },
          ...resources.map(({ file, sha256, title }) => ({
            uuid: id(file),
            title: line(title),
            rlinks: [{ href: encodeURI(file), hashes: [{ algorithm: 'SHA-256', value: sha256 }] }],
          })),
        ],
      },
    },
  })}\n`;
}

interface Control {
  /** As NIST’s catalog names it: `sc-7.5`. */
  readonly control: string;
  readonly rows: readonly Mapping[];
}

function controlsOf(mapping: readonly Mapping[]): readonly Control[] {
  const all = [...new Set(mapping.flatMap(({ frameworks }) => frameworks.nist))].sort();
  return all.map((name) => ({
    control: name.toLowerCase().replace(/\((\d+)\)/, '.$1'),
    rows: mapping.filter(({ frameworks }) => frameworks.nist.includes(name)),
  }));
}

function observation({ id: name, title, summary, verdict, sources, checks }: Section, report: Report, id: Id): object {
  const { observed, madeAt } = report;
  const files = sources.filter((source) => source !== 'cluster');
  const collected = report.evidence.find(({ file }) => file === files[0])?.until ?? observed?.at ?? madeAt;
  return {
    uuid: id(`observation ${name}`),
    title: line(title),
    description: `${summary}.`,
    props: [prop('verdict', verdict)],
    methods: [name === 'verification' ? 'TEST' : 'EXAMINE'],
    types: ['control-objective'],
    collected,
    'relevant-evidence': [
      { href: `#${id('report.json')}`, description: `Section ${name} of the report.` },
      ...files.map((file) => ({
        href: `#${id(`evidence/${file}`)}`,
        description: `The result that decides: ${file}.`,
      })),
    ],
    remarks: checks.map(({ name: check, verdict: of, note }) => `${of}: ${check}: ${note}`).join('\n\n'),
  };
}

function finding({ control, rows }: Control, report: Report, id: Id): object {
  const sections = [...new Set(rows.flatMap((row) => row.sections))];
  const open = report.sections.filter((section) => sections.includes(section.id) && section.verdict !== 'pass');
  const satisfied = open.length === 0;
  const failed = open.some(({ verdict }) => verdict === 'fail');
  return {
    uuid: id(`finding ${control}`),
    title: line(`Evidence for ${control}`),
    description: `${rows.map((row) => row.control).join('; ')}. Evidence for this control, not a statement that it is met.`,
    target: {
      type: 'objective-id',
      'target-id': `${control}_obj`,
      status: {
        state: satisfied ? 'satisfied' : 'not-satisfied',
        reason: satisfied ? 'pass' : failed ? 'fail' : 'other',
        ...(satisfied
          ? {}
          : { remarks: open.map(({ title, verdict, summary }) => `${title}: ${verdict}: ${summary}`).join('\n\n') }),
      },
    },
    'related-observations': sections.map((section) => ({ 'observation-uuid': id(`observation ${section}`) })),
  };
}

type Id = (name: string) => string;

const prop = (name: string, value: string): object => ({ name, ns: NS, value: line(value) });

/** OSCAL’s strings are one line, and neither begin nor end with a space. */
const line = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
