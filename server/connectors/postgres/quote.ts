/**
 * A name as an SQL identifier. Every name comes from a data map or from a customer's catalogue and is untrusted text.
 * Throws `RangeError` for a name no PostgreSQL identifier can hold (empty, or with a NUL).
 */
export function quote(name: string): string {
  if (name === '' || name.includes('\0'))
    throw new RangeError('an SQL identifier is empty or contains a NUL character');
  return `"${name.replaceAll('"', '""')}"`;
}

/** The parameters of one statement. `add` answers the placeholder, cast to the SQL type `cast`. */
export class Parameters {
  readonly values: unknown[] = [];

  add(value: unknown, cast: string): string {
    this.values.push(value);
    return `$${this.values.length}::${cast}`;
  }
}
