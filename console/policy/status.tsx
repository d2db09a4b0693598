import type { ReactNode } from 'react';
import type { Status } from '../../server/policy/contract.ts';
import { useWords } from '../language/language.ts';
import { policyWords } from './words.ts';
import './status.css';

/** Each status has a shape of its own: a ticked disc, a half disc, a crossed square, a broken ring. */
export function StatusShape({ status }: { status: Status }) {
  return (
    <svg className={`shape ${status}`} viewBox="0 0 14 14" width="14" height="14" aria-hidden="true">
      {shapes[status]}
    </svg>
  );
}

const shapes: Readonly<Record<Status, ReactNode>> = {
  kept: (
    <>
      <circle cx="7" cy="7" r="6.5" fill="currentColor" />
      <path d="M3.9 7.3l2.2 2.2 4-4.9" fill="none" stroke="var(--paper)" strokeWidth="1.7" />
    </>
  ),
  due: (
    <>
      <circle cx="7" cy="7" r="5.7" fill="none" stroke="currentColor" strokeWidth="1.6" />
      <path d="M7 1.3a5.7 5.7 0 0 1 0 11.4z" fill="currentColor" />
    </>
  ),
  broken: (
    <>
      <rect x="0.6" y="0.6" width="12.8" height="12.8" rx="1.5" fill="currentColor" />
      <path d="M4 4l6 6M10 4l-6 6" stroke="var(--paper)" strokeWidth="1.7" />
    </>
  ),
  unproven: (
    <circle cx="7" cy="7" r="5.7" fill="none" stroke="currentColor" strokeWidth="1.6" strokeDasharray="3.3 2.66" />
  ),
};

/** A state of something else than a promise, with the shape and colour of the status it is most like. */
export function Marked({ as, children }: { as: Status; children: ReactNode }) {
  return (
    <span className={`status ${as}`}>
      <StatusShape status={as} />
      {children}
    </span>
  );
}

/** The status as shape, word and colour. */
export function StatusWord({ status, attested = false }: { status: Status; attested?: boolean }) {
  const words = useWords(policyWords);
  return <Marked as={status}>{attested && status === 'kept' ? words.keptAttested : words.status[status]}</Marked>;
}
