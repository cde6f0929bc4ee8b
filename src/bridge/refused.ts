/** What is live, or somebody's say that is missing, forbids what was asked; nothing was written. Exit code 5. */
export abstract class Refused extends Error {}
