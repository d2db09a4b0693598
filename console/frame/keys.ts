import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';

/** Where the document's search field is found by the `/` key. */
export const searchFieldId = 'search-promises';

const switchedOff = 'kept.keys-off';

/** Single keys can be turned off (WCAG 2.1.4), since they surprise those who dictate. */
export function keysAreOn(): boolean {
  return localStorage.getItem(switchedOff) === null;
}

export function turnKeys(on: boolean): void {
  if (on) localStorage.removeItem(switchedOff);
  else localStorage.setItem(switchedOff, 'yes');
}

const places = new Map([
  ['p', '/policy'],
  ['d', '/datamap'],
  ['r', '/retention'],
  ['l', '/ledger'],
  ['s', '/settings/members'],
] as const);

/** Listens for `/` (search), `?` (keys) and `g` with a letter (go to). */
export function useKeys(showKeys: () => void): void {
  const navigate = useNavigate();
  useEffect(() => {
    let going = false;
    function onKey(event: KeyboardEvent) {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || !keysAreOn()) return;
      if (document.querySelector('[role="dialog"], [role="alertdialog"]') !== null) return;
      const place = going ? [...places].find(([key]) => key === event.key)?.[1] : undefined;
      going = event.key === 'g';
      if (place !== undefined) void navigate({ to: place });
      else if (event.key === '/') void goToSearch();
      else if (event.key === '?') showKeys();
      else return;
      event.preventDefault();
    }
    async function goToSearch() {
      const field = document.getElementById(searchFieldId);
      // At once where it is there already, so that the first letters typed after the key are not lost.
      if (field !== null) return field.focus();
      await navigate({ to: '/policy' });
      requestAnimationFrame(() => document.getElementById(searchFieldId)?.focus());
    }
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [navigate, showKeys]);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null;
}
