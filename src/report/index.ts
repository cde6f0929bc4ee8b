/** The compliance report of one workspace: made from evidence and what the cluster said, and verified offline. */
export { attest, filesOf, NAMES, type Files } from './folder.js';
export { renderHtml } from './html/page.js';
export type { EvidenceFile, ReportInput, Subject, Tool } from './input.js';
export type { Observed, ObservedApproval, ObservedPolicy, ObservedRelaxation } from './observed.js';
export { printPdf, tryChromium } from './pdf.js';
export { makeReport, type Report } from './report.js';
export { verifyFolder, type Verified } from './verify.js';
