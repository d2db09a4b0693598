import { useEffect, useRef, useState } from 'react';
import './progress.css';

/** How much is done, as a line; the words stand beside it. */
export function ProgressLine({ done, all, label }: { done: number; all: number; label: string }) {
  const share = all === 0 ? 1 : Math.min(1, done / all);
  return (
    <svg
      className="progress"
      width="100%"
      height="6"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={all}
      aria-valuenow={Math.min(done, all)}
    >
      <rect className="progress-all" width="100%" height="6" rx="1" />
      <rect className="progress-done" width={`${share * 100}%`} height="6" rx="1" />
    </svg>
  );
}

/** Tells a screen reader of progress: when its state changes, and at each tenth, not at each look. */
export function ProgressAnnouncement({ share, text }: { share: number; text: string }) {
  const tenth = Math.floor(share * 10);
  const newest = useRef(text);
  newest.current = text;
  const state = text.split(',')[0];
  const [said, setSaid] = useState('');
  // biome-ignore lint/correctness/useExhaustiveDependencies: these two decide when to speak, the ref what is said.
  useEffect(() => setSaid(newest.current), [tenth, state]);
  return (
    <p className="hidden" role="status">
      {said}
    </p>
  );
}
