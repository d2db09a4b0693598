/** What a header `Range` asks for: one part, octets `start` to `end` (exclusive); everything; nothing that there is. */
export type WantedRange = { readonly start: number; readonly end: number } | 'all' | 'unsatisfiable';

/**
 * Reads `bytes=0-499`, `bytes=500-`, `bytes=-500` (RFC 9110, 14.2). What is not understood, and several parts at once, is
 * answered as if it were not there, as the RFC allows.
 */
export function readRange(header: string | undefined, bytes: number): WantedRange {
  const [, first = '', last = ''] = /^bytes=\s*(\d*)-(\d*)\s*$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return 'all';
  if (first === '') {
    const length = Math.min(Number(last), bytes);
    return length === 0 ? 'unsatisfiable' : { start: bytes - length, end: bytes };
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return 'all';
  if (start >= bytes) return 'unsatisfiable';
  return { start, end: last === '' ? bytes : Math.min(Number(last) + 1, bytes) };
}
