/** A Kubernetes object as the API returns it, parsed from JSON. Read with {@link Field}, never trusted. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
}

/** An object that cannot be read exactly. Nothing is concluded from a cluster that holds one: closed is not assumed. */
export class UnreadableObjectError extends Error {
  override readonly name = 'UnreadableObjectError';
  readonly #at: FieldRef | undefined;

  /**
   * @param object the object, as `NetworkPolicy ns/name`
   * @param field where in the object, as `spec.egress[0].to[1].ipBlock.cidr`
   * @param at the field itself, for whoever knows where its object was read
   */
  constructor(
    readonly object: string,
    readonly field: string,
    readonly problem: string,
    at?: FieldRef,
  ) {
    super(`${object}: ${field === '' ? '' : `${field}: `}${problem}`);
    this.#at = at;
  }

  /** Undefined for what has no apiVersion or no kind. */
  get at(): FieldRef | undefined {
    return this.#at;
  }
}

/** A field of an object that was read. */
export interface FieldRef {
  readonly object: KubeObject;
  readonly path: Path;
}

/** Keys and indices, from the top of an object. */
export type Path = readonly (string | number)[];

/** One value inside an object, which knows its path, so that an error can name it. JSON null is the same as absent. */
export class Field {
  private constructor(
    readonly value: unknown,
    private readonly object: KubeObject,
    private readonly path: Path,
  ) {}

  static of(object: KubeObject): Field {
    return new Field(object, object, []);
  }

  get absent(): boolean {
    return this.value === undefined || this.value === null;
  }

  at(key: string): Field {
    const value = this.absent ? undefined : this.record()[key];
    return new Field(value, this.object, [...this.path, key]);
  }

  /**
   * This object, which must have no fields but these. An unknown field is refused, since the API server would drop it
   * and what is left means something wider: a rule whose `form:` was meant to be `from:` admits everyone.
   */
  only(...keys: readonly string[]): this {
    for (const key of this.absent ? [] : Object.keys(this.record())) {
      if (!keys.includes(key)) this.fail(`unknown field "${key}"; expected ${keys.join(', ')}`);
    }
    return this;
  }

  /** @returns an empty list when absent */
  items(): Field[] {
    if (this.absent) return [];
    if (!Array.isArray(this.value)) this.fail('expected a list');
    return (this.value as unknown[]).map((value, i) => new Field(value, this.object, [...this.path, i]));
  }

  /** As {@link items}, of which the API server takes so many and no more. */
  itemsUpTo(limit: number): Field[] {
    const items = this.items();
    return items.length <= limit ? items : this.fail(`holds ${items.length} items; at most ${limit} are allowed`);
  }

  text(): string {
    return typeof this.value === 'string'
      ? this.value
      : this.fail(`expected text, found ${JSON.stringify(this.value)}`);
  }

  /** @returns undefined when absent */
  optionalText(): string | undefined {
    return this.absent ? undefined : this.text();
  }

  oneOf<T extends string>(...allowed: readonly T[]): T {
    const found = allowed.find((value) => value === this.value);
    return found ?? this.fail(`expected one of ${allowed.join(', ')}, found ${JSON.stringify(this.value)}`);
  }

  port(): number {
    const { value } = this;
    if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65535) return value;
    return this.fail(`expected a port from 1 to 65535, found ${JSON.stringify(value)}`);
  }

  /** @returns an empty map when absent */
  labels(): ReadonlyMap<string, string> {
    const entries = this.absent ? [] : Object.keys(this.record()).map((key) => [key, this.at(key).text()] as const);
    return new Map(entries);
  }

  /** Runs a parser and names this field in the error it throws. */
  parse<T>(parser: (text: string) => T): T {
    const text = this.text();
    try {
      return parser(text);
    } catch (error) {
      return this.fail(error instanceof Error ? error.message : String(error));
    }
  }

  fail(problem: string): never {
    const { object, path } = this;
    throw new UnreadableObjectError(nameOf(object), fieldText(path), problem, { object, path });
  }

  private record(): Readonly<Record<string, unknown>> {
    if (typeof this.value !== 'object' || Array.isArray(this.value)) this.fail('expected an object');
    return this.value as Readonly<Record<string, unknown>>;
  }
}

/** As `NetworkPolicy ns/name`. */
export function nameOf({ kind, metadata }: KubeObject): string {
  const { name = '(no name)', namespace } = metadata ?? {};
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

/** As `spec.egress[0].to`. */
export function fieldText(path: Path): string {
  return path.map((step, i) => (typeof step === 'number' ? `[${step}]` : `${i === 0 ? '' : '.'}${step}`)).join('');
}

/** The objects with lists opened up: `kubectl get -o json` returns a List, the API a PodList whose items have no kind. */
export function flatten(objects: readonly KubeObject[]): KubeObject[] {
  return objects.flatMap((object, i) => {
    if (typeof object?.apiVersion !== 'string' || typeof object.kind !== 'string') {
      throw new UnreadableObjectError(`object ${i}`, '', 'has no apiVersion or no kind, so it cannot be evaluated');
    }
    const { items } = object as { items?: unknown };
    if (!object.kind.endsWith('List') || !Array.isArray(items)) return [object];
    const typed = object.kind === 'List' ? {} : { apiVersion: object.apiVersion, kind: object.kind.slice(0, -4) };
    return flatten((items as KubeObject[]).map((item) => ({ ...typed, ...item })));
  });
}
