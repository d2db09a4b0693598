import { Dialog } from '@base-ui/react/dialog';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { sessionQuery } from '../frame/session.ts';
import { frameWords } from '../frame/words.ts';
import { useWords } from '../language/language.ts';
import { factorWords } from './factor-words.ts';
import { ShowFactor } from './show-factor.tsx';
import '../look/dialog.css';

/** Asked by an act that needs a fresh second factor; the act goes on by itself once one was shown. */
export function SecondFactorDialog({ onAnswer }: { onAnswer: (shown: boolean) => void }) {
  const words = useWords(factorWords);
  const { cancel } = useWords(frameWords);
  const client = useQueryClient();
  const factors = useQuery(sessionQuery).data?.factors ?? [];
  const close = <Dialog.Close className="button">{cancel}</Dialog.Close>;
  return (
    <Dialog.Root open disablePointerDismissal onOpenChange={(open) => open || onAnswer(false)}>
      <Dialog.Portal>
        <Dialog.Backdrop className="dialog-backdrop" />
        <Dialog.Popup className="dialog">
          <Dialog.Title>{factors.length === 0 ? words.noneTitle : words.freshTitle}</Dialog.Title>
          <Dialog.Description className="dialog-text">
            {factors.length === 0 ? words.noneText : words.freshText}
          </Dialog.Description>
          {factors.length === 0 ? (
            <div className="row-of-acts">
              {close}
              <Link to="/account" className="button first" onClick={() => onAnswer(false)}>
                {words.toAccount}
              </Link>
            </div>
          ) : (
            <ShowFactor
              factors={factors}
              cancel={close}
              onShown={(session) => {
                client.setQueryData(sessionQuery.queryKey, session);
                onAnswer(true);
              }}
            />
          )}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
