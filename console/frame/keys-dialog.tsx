import { Dialog } from '@base-ui/react/dialog';
import { useState } from 'react';
import '../look/dialog.css';
import { useWords } from '../language/language.ts';
import { keysAreOn, turnKeys } from './keys.ts';
import { keysWords } from './keys-words.ts';

/** The list of keys, and the switch that turns single keys off. */
export function KeysDialog({ onClose }: { onClose: () => void }) {
  const words = useWords(keysWords);
  const [on, setOn] = useState(keysAreOn);
  const rows: readonly (readonly [readonly string[], string])[] = [
    [['/'], words.search],
    [['?'], words.help],
    [['g', 'p'], words.goPolicy],
    [['g', 'd'], words.goData],
    [['g', 'r'], words.goDisposal],
    [['g', 'l'], words.goLedger],
    [['g', 's'], words.goSettings],
    [['Esc'], words.escape],
  ];
  return (
    <Dialog.Root open onOpenChange={(open) => open || onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="dialog-backdrop" />
        <Dialog.Popup className="dialog">
          <Dialog.Title>{words.title}</Dialog.Title>
          <dl className="keys">
            {rows.map(([keys, what]) => (
              <div key={what}>
                <dt>
                  {keys.map((key, position) => (
                    <span key={key}>
                      {position === 0 ? null : <span className="faint"> {words.thenKey} </span>}
                      <kbd>{key}</kbd>
                    </span>
                  ))}
                </dt>
                <dd>{what}</dd>
              </div>
            ))}
          </dl>
          <p className="keys-switch">
            <label>
              <input
                type="checkbox"
                checked={on}
                onChange={(event) => {
                  turnKeys(event.target.checked);
                  setOn(event.target.checked);
                }}
              />{' '}
              {words.on}
            </label>
            <br />
            <span className="faint">{words.onHint}</span>
          </p>
          <div className="row-of-acts">
            <Dialog.Close className="button">{words.close}</Dialog.Close>
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
