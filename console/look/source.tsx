/** A file or a record shown as it is written; it scrolls sideways, and so can be reached by keyboard. */
export function Source({ text, label, wraps = false }: { text: string; label: string; wraps?: boolean }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <section className={wraps ? 'quoted wraps' : 'quoted'} tabIndex={0} aria-label={label}>
      <pre>{text.trimEnd()}</pre>
    </section>
  );
}
