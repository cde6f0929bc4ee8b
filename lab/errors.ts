/** The lab could not be obtained, started or stopped. The message says what, where and what to do next. */
export class LabError extends Error {
  override readonly name = 'LabError';
}
