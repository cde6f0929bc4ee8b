/** A value is not of the shape it must have; the message names its path. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/**
 * A value of unknown shape with the path it was found at: `spec.agents[1].name`. Every reader throws Unreadable, saying
 * what is there and what is allowed. For what comes without a zod schema: live objects, a service's own configuration.
 */
export class Field {
  constructor(
    readonly value: unknown,
    readonly path = '',
  ) {}

  get present(): boolean {
    return this.value !== undefined;
  }

  /** The member of an object; absent members are read as absent fields. */
  get(name: string): Field {
    return new Field(
      Object.hasOwn(this.#object(), name) ? this.#object()[name] : undefined,
      this.path === '' ? name : `${this.path}.${name}`,
    );
  }

  /** Refuses members that are not among `known`. */
  only(known: readonly string[]): this {
    const unknown = Object.keys(this.#object()).find((name) => !known.includes(name));
    return unknown === undefined ? this : this.get(unknown).refuse(`is unknown. Allowed: ${known.join(', ')}.`);
  }

  list(): readonly Field[] {
    if (!Array.isArray(this.value)) return this.#not('a list');
    return this.value.map((item: unknown, index) => new Field(item, `${this.path}[${index}]`));
  }

  /** @param pattern of the whole text; @param what it is then: `a DNS-1123 label` */
  text(pattern: RegExp = /./s, what = 'text that is not empty'): string {
    if (typeof this.value !== 'string' || !pattern.test(this.value)) return this.#not(what);
    return this.value;
  }

  oneOf<const Value extends string>(values: readonly Value[]): Value {
    return values.find((value) => value === this.value) ?? this.#not(`one of ${values.join(', ')}`);
  }

  number(min: number, max: number): number {
    const { value } = this;
    if (typeof value !== 'number' || !(value >= min && value <= max))
      return this.#not(`a number from ${min} to ${max}`);
    return value;
  }

  whole(min: number, max: number): number {
    return Number.isInteger(this.value) ? this.number(min, max) : this.#not(`a whole number from ${min} to ${max}`);
  }

  /** RFC 3339 in UTC. */
  time(): Date {
    const time = new Date(this.text(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z$/, 'a time in UTC'));
    return Number.isNaN(time.getTime()) ? this.#not('a time in UTC') : time;
  }

  refuse(problem: string): never {
    throw new Unreadable(`${this.path === '' ? '' : `${this.path} `}${problem}`);
  }

  #object(): Readonly<Record<string, unknown>> {
    const { value } = this;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return this.#not('an object');
    return value as Readonly<Record<string, unknown>>;
  }

  #not(what: string): never {
    const { value } = this;
    if (value === undefined) return this.refuse(`is missing: ${what}.`);
    const text = JSON.stringify(value);
    return this.refuse(`is ${text.length > 80 ? `${text.slice(0, 77)}...` : text}, not ${what}.`);
  }
}

/** RFC 1123 label. */
export const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
