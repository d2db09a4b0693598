import { ShownOnce } from '../frame/shown-once.tsx';
import { useWords } from '../language/language.ts';
import { InboundAddress } from './inbound-address.tsx';
import { inboundWords } from './inbound-words.ts';

export interface EndpointSecrets {
  readonly name: string;
  readonly url: string;
  /** Null where the sender's own is used, or once it was kept. */
  readonly secret: string | null;
  readonly verifyToken: string | null;
}

/** What has to be entered at the sender, as long as it can be shown. */
export function MadeSecrets({
  made,
  onKept,
}: {
  made: EndpointSecrets;
  onKept: (left: EndpointSecrets | undefined) => void;
}) {
  const words = useWords(inboundWords).one;
  const keep = (left: EndpointSecrets) => onKept(left.secret === null && left.verifyToken === null ? undefined : left);
  return (
    <>
      <InboundAddress url={made.url} />
      {made.secret === null ? null : (
        <ShownOnce
          title={words.shown}
          text={words.shownText(made.name)}
          secret={made.secret}
          label={words.shown}
          done={words.kept}
          onKept={() => keep({ ...made, secret: null })}
        />
      )}
      {made.verifyToken === null ? null : (
        <ShownOnce
          title={words.verifyShown}
          text={words.verifyShownText}
          secret={made.verifyToken}
          label={words.verifyShown}
          done={words.kept}
          onKept={() => keep({ ...made, verifyToken: null })}
        />
      )}
    </>
  );
}
