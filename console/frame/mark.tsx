/** Kept's mark: a line of text and the tick in its margin. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 28 28" width="28" height="28" aria-hidden="true">
      <path d="M3 7h13M3 13h10M3 19h13" stroke="currentColor" strokeWidth="1.6" />
      <path d="M18.5 14.5l3 3 5-6.5" fill="none" stroke="var(--kept)" strokeWidth="2.4" />
    </svg>
  );
}
