/** A webhook as rules see it. */
export interface ReadableWebhook {
  /** By name in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** The JSON, or the fields of the form; undefined where it is neither. */
  readonly value: unknown;
}

/**
 * Reads a body as JSON or as a form, by what its type says and else by what it is. Of a form every field is text, and a
 * field that comes several times is a list.
 * @returns undefined where it can be read as neither
 */
export function readBody(contentType: string | null, body: Buffer): unknown {
  const text = asText(body);
  if (text === undefined) return undefined;
  const type = (contentType ?? '').split(';')[0]?.trim().toLowerCase();
  return type === 'application/x-www-form-urlencoded' ? readForm(text) : readJson(text);
}

/** Undefined where it is not UTF-8. */
export function asText(body: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Whole numbers beyond 2^53, which some platforms use as ids, stay as their digits. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text, (_key: string, value: unknown, ...rest: unknown[]) => {
      if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
      const source = sourceOf(rest[0]);
      return /^-?\d+$/.test(source) ? source : value;
    });
  } catch (error) {
    // RangeError: nested more deeply than there is room for.
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}

function sourceOf(context: unknown): string {
  if (typeof context !== 'object' || context === null || !('source' in context)) return '';
  return String(context.source);
}

function readForm(text: string): unknown {
  const fields = new Map<string, string | string[]>();
  for (const [name, value] of new URLSearchParams(text)) {
    const before = fields.get(name);
    if (before === undefined) fields.set(name, value);
    else if (typeof before === 'string') fields.set(name, [before, value]);
    else before.push(value);
  }
  return fields.size === 0 ? undefined : Object.fromEntries(fields);
}

/** What stands at a JSON pointer (RFC 6901); undefined where nothing does. Inherited names are no members. */
export function at(value: unknown, pointer: string): unknown {
  let here = value;
  for (const segment of segmentsOf(pointer)) here = memberOf(here, segment);
  return here;
}

/** The segments of a JSON pointer, unescaped. */
export function segmentsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

export function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  if (Array.isArray(value)) return /^(0|[1-9]\d*)$/.test(name) ? value[Number(name)] : undefined;
  // Only this one: whoever sends an object with a hundred thousand members would have them all gone through each time.
  return Reflect.get(value, name);
}
